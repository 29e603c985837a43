namespace KernelGen.Scaling;

/// <summary><c>ρ = 1/(1 + b·GMSE^a)</c>: one where nothing is lost, but above zero where everything is.</summary>
public sealed class LogisticForm : CapacityForm
{
    /// <inheritdoc/>
    public override string Name => "logistic";

    /// <inheritdoc/>
    public override string Formula => "rho = 1 / (1 + b * GMSE^a)";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        new("a", 1e-3, 20, 0.3, 2, "exponent of the Gaussian MSE") { Scale = ParameterScale.Log },
        new("b", 1e-6, 1e6, 0.5, 50, "size of the loss") { Scale = ParameterScale.Log },
    ];

    /// <inheritdoc/>
    public override (string Name, double Usual) Shape => ("a", 1);

    /// <inheritdoc/>
    public override Traced LogCapacity(double gmse, ReadOnlySpan<Traced> p) =>
        -Traced.Log(1 + p[1] * Traced.Exp(p[0] * Math.Log(Inside(gmse))));
}
