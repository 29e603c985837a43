namespace KernelGen.Scaling;

/// <summary>
/// The shape most laws of compression share: Chinchilla's law on effective parameters,
/// <c>L = A·(N·ρ)^−α + B·D^−β + E</c>. A law says what ρ is; this class sums, in logarithms, and differentiates.
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

    /// <summary>The logarithm of the capacity and its gradient.</summary>
    /// <param name="input">Sizes and representations.</param>
    /// <param name="parameters">All parameters of the law.</param>
    /// <param name="gradient">Receives derivatives of ln ρ at the law's own parameters (it is zero on entry); empty if not wanted.</param>
    public abstract double LogCapacity(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient);

    /// <summary>The capacity ρ of an input's representations: effective parameters are <c>N·ρ</c>.</summary>
    /// <param name="input">Sizes and representations.</param>
    /// <param name="parameters">All parameters of the law.</param>
    public double Capacity(LawInput input, ReadOnlySpan<double> parameters) => Math.Exp(LogCapacity(input, parameters, []));

    /// <inheritdoc/>
    public override double Predict(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        double loss = Math.Exp(PredictLog(input, parameters, gradient));
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] *= loss;
        }
        return loss;
    }

    /// <inheritdoc/>
    public override double PredictLog(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        gradient.Clear();
        double alpha = parameters[2],
            beta = parameters[3],
            e = parameters[4];
        double logN = input.LogParams + LogCapacity(input, parameters, gradient);
        double a = Math.Log(parameters[0]) - alpha * logN,
            b = Math.Log(parameters[1]) - beta * input.LogTokens;
        // Log-sum-exp with the largest term taken out; E may be 0, so it is scaled instead of logged.
        double top = Math.Max(a, b);
        if (e > 0)
        {
            top = Math.Max(top, Math.Log(e));
        }
        double unit = Math.Exp(-top),
            termA = Math.Exp(a - top),
            termB = Math.Exp(b - top);
        double sum = termA + termB + e * unit;
        if (!gradient.IsEmpty)
        {
            double shareA = termA / sum,
                shareB = termB / sum;
            for (int i = Shared; i < gradient.Length; i++)
            {
                gradient[i] *= -alpha * shareA;
            }
            gradient[0] = shareA / parameters[0];
            gradient[1] = shareB / parameters[1];
            gradient[2] = -logN * shareA;
            gradient[3] = -input.LogTokens * shareB;
            gradient[4] = unit / sum;
        }
        return top + Math.Log(sum);
    }
}
