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
    public override double LogCapacity(double gmse, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        double log = Math.Log(Inside(gmse)),
            power = Math.Exp(parameters[0] * log),
            q = parameters[1] * power;
        if (!gradient.IsEmpty)
        {
            gradient[0] = -q * log / (1 + q);
            gradient[1] = -power / (1 + q);
        }
        return -Math.Log(1 + q);
    }
}
