namespace KernelGen.Scaling;

/// <summary>
/// Steps to a target loss by batch, <c>S = S_min·(1 + B_crit/B)</c>; the sequences used are then E = S·B = E_min·(1 + B/B_crit) with E_min =
/// S_min·B_crit. McCandlish et al. 2018, arXiv:1812.06162. With s and b freed, S_min = S·(N/1e8)^s and B_crit = B·(N/1e8)^b, the law of Zhang et
/// al. 2024, "How does critical batch size scale in pre-training?", arXiv:2410.21676.
/// </summary>
public sealed class BatchStepsLaw : ScalingLaw
{
    private const double UnitParams = 1e8;

    /// <inheritdoc/>
    public override string Name => "batch-steps";

    /// <inheritdoc/>
    public override string Title => "Steps to a target loss by batch, with the critical batch";

    /// <inheritdoc/>
    public override string Formula => "S = S_min*(N/1e8)^s * (1 + B_crit*(N/1e8)^b / B); s and b are 0 unless freed";

    /// <inheritdoc/>
    public override string Citation => "McCandlish et al. 2018, arXiv:1812.06162; Zhang et al. 2024, arXiv:2410.21676";

    /// <inheritdoc/>
    public override string Predicts => "steps to the target loss";

    /// <inheritdoc/>
    public override bool PredictsLoss => false;

    /// <inheritdoc/>
    public override LawSizes Sizes => LawSizes.None;

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } = [new("batch", "batch B, in the unit of B_crit: sequences or tokens")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        LawParameter.Positive("S_min", 100, 1e6, "steps at an endless batch"),
        LawParameter.Positive("B_crit", 10, 1e6, "batch at which steps are twice the least"),
        new("s", -2, 4, 0, 1, "exponent of parameters in S_min") { Held = true, Default = 0 },
        new("b", -2, 4, 0, 1, "exponent of parameters in B_crit") { Held = true, Default = 0 },
    ];

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        double size = Math.Log(input.Params / UnitParams);
        return p[0] * Traced.Exp(p[2] * size) * (1 + p[1] * Traced.Exp(p[3] * size) / input["batch"]);
    }
}
