namespace KernelGen.Scaling;

/// <summary>
/// The shape most laws of compression share: Chinchilla's law on effective parameters,
/// <c>L = A·(N·ρ)^−α + B·D^−β + E</c>. A law says what ρ is; this class sums, in logarithms.
/// </summary>
public abstract class EffectiveParameterLaw : ScalingLaw
{
    /// <summary>Number of parameters every such law has: A, B, alpha, beta, E.</summary>
    protected const int Shared = 5;

    /// <summary>A, B, alpha, beta and E.</summary>
    protected static IReadOnlyList<LawParameter> SharedParameters { get; } =
    [
        new("A", 1e-3, 1e10, 1, 1e6, "size of the term in parameters") { Scale = ParameterScale.Log },
        new("B", 1e-3, 1e10, 1, 1e6, "size of the term in tokens") { Scale = ParameterScale.Log },
        new("alpha", 0, 4, 0.05, 0.8, "exponent of parameters"),
        new("beta", 0, 4, 0.05, 0.8, "exponent of tokens"),
        new("E", 0, 20, 0.2, 2.5, "loss that no size removes, nats per token"),
    ];

    /// <summary>The logarithm of the capacity.</summary>
    /// <param name="input">Sizes and representations.</param>
    /// <param name="p">All parameters of the law.</param>
    protected abstract Traced LogCapacity(LawInput input, ReadOnlySpan<Traced> p);

    /// <summary>The capacity ρ of an input's representations: effective parameters are <c>N·ρ</c>.</summary>
    /// <param name="input">Sizes and representations.</param>
    /// <param name="parameters">All parameters of the law.</param>
    public double Capacity(LawInput input, ReadOnlySpan<double> parameters) =>
        Math.Exp(LogCapacity(input, Traced.Constants(parameters)).Value);

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) => Traced.Exp(LogPrediction(input, p));

    /// <inheritdoc/>
    protected override Traced LogPrediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        Traced a = Traced.Log(p[0]) - p[2] * (input.LogParams + LogCapacity(input, p)),
            b = Traced.Log(p[1]) - p[3] * input.LogTokens;
        // The largest term is taken out; E may be 0, so it is scaled instead of logged.
        double top = Math.Max(Math.Max(a.Value, b.Value), p[4].Value > 0 ? Math.Log(p[4].Value) : double.NegativeInfinity);
        return top + Traced.Log(Traced.Exp(a - top) + Traced.Exp(b - top) + p[4] * Math.Exp(-top));
    }
}
