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
    public override double LogCapacity(double gmse, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        double log = Math.Log(Inside(gmse)),
            power = Math.Exp(parameters[0] * log),
            q = parameters[1] * power;
        double rest = Math.Max(1 - power, 1e-300);
        if (!gradient.IsEmpty)
        {
            gradient[0] = -power * log / rest - q * log / (1 + q);
            gradient[1] = -power / (1 + q);
        }
        return Math.Log(rest) - Math.Log(1 + q);
    }
}
