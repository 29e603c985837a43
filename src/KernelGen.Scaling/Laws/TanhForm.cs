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
    public override Traced LogCapacity(double gmse, ReadOnlySpan<Traced> p)
    {
        Traced saturation = Traced.Max(Traced.Tanh(p[1] * (-0.5 * Math.Log2(Inside(gmse)))), 1e-300);
        return Traced.Log(p[0]) + p[2] * Traced.Log(saturation);
    }
}
