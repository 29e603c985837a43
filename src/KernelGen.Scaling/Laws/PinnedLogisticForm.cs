namespace KernelGen.Scaling;

/// <summary><c>ρ = (1 − GMSE^a)/(1 + b·GMSE^a)</c>, logistic(1,0): pinned to one and to zero at the ends.</summary>
public sealed class PinnedLogisticForm : CapacityForm
{
    /// <inheritdoc/>
    public override string Name => "logistic(1,0)";

    /// <inheritdoc/>
    public override string Formula => "rho = (1 - GMSE^a) / (1 + b * GMSE^a)";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        new("a", 1e-3, 20, 0.3, 2, "exponent of the Gaussian MSE") { Scale = ParameterScale.Log },
        new("b", 1e-6, 1e6, 0.5, 50, "size of the loss") { Scale = ParameterScale.Log },
    ];

    /// <inheritdoc/>
    public override (string Name, double Usual) Shape => ("a", 1);

    /// <inheritdoc/>
    public override Traced LogCapacity(double gmse, ReadOnlySpan<Traced> p)
    {
        Traced power = Traced.Exp(p[0] * Math.Log(Inside(gmse)));
        return Traced.Log(Traced.Max(1 - power, 1e-300)) - Traced.Log(1 + p[1] * power);
    }
}
