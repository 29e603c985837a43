namespace KernelGen.Scaling;

/// <summary>
/// <c>ρ = L · tanh(F · log_{1/4} GMSE)^C</c>: 0 where everything is lost, L where nothing is. L is held at 1 unless the family
/// saturates below.
/// </summary>
public sealed class TanhForm : CapacityForm
{
    /// <inheritdoc/>
    public override string Name => "tanh";

    /// <inheritdoc/>
    public override string Formula => "rho = L * tanh(F * log_1/4 GMSE)^C";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        new("L", 1e-3, 1, 0.8, 1, "capacity at which the family saturates") { Default = 1, Held = true },
        new("F", 1e-4, 50, 0.1, 1.5, "gain per effective bit") { Scale = ParameterScale.Log },
        new("C", 1e-3, 50, 0.3, 3, "steepness at the lossy end") { Scale = ParameterScale.Log },
    ];

    /// <inheritdoc/>
    public override (string Name, double Usual) Shape => ("C", 1);

    /// <inheritdoc/>
    public override double LogCapacity(double gmse, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        double bits = -0.5 * Math.Log2(Inside(gmse));
        double t = Math.Max(Math.Tanh(parameters[1] * bits), 1e-300);
        double logT = Math.Log(t);
        if (!gradient.IsEmpty)
        {
            gradient[0] = 1 / parameters[0];
            gradient[1] = parameters[2] * (1 - t * t) * bits / t;
            gradient[2] = logT;
        }
        return Math.Log(parameters[0]) + parameters[2] * logT;
    }
}
