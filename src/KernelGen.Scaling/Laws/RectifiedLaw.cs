namespace KernelGen.Scaling;

/// <summary>
/// The rectified law of fine-tuning, <c>L = (A − E)/(1 + e^{β·ln D + b}) + E</c>: A before any data, E after endless data, a power law only
/// beyond the phase of D^β &lt; e^−b. Lin et al. 2024, "Selecting large language model to fine-tune via rectified scaling law",
/// arXiv:2402.02314, whose <c>B/(D_l + D^β) + E</c> is the same with D_l = e^−b and B = (A − E)·D_l.
/// </summary>
public sealed class RectifiedLaw : ScalingLaw
{
    /// <inheritdoc/>
    public override string Name => "rectified";

    /// <inheritdoc/>
    public override string Title => "Loss of fine-tuning by examples or tokens, with a phase before the power law";

    /// <inheritdoc/>
    public override string Formula => "L = (A - E)/(1 + exp(beta*ln D + b)) + E";

    /// <inheritdoc/>
    public override string Citation => "Lin et al. 2024, arXiv:2402.02314";

    /// <inheritdoc/>
    public override LawSizes Sizes => LawSizes.Tokens;

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        new("A", 0, 40, 1, 6, "loss without fine-tuning"),
        new("E", 0, 20, 0, 2.5, "loss that no data removes"),
        new("beta", 0, 4, 0.1, 1.5, "exponent of data"),
        new("b", -60, 20, -15, 0, "minus the logarithm of the pre-learned data, in units of D^beta"),
    ];

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) =>
        (p[0] - p[1]) / (1 + Traced.Exp(p[2] * input.LogTokens + p[3])) + p[1];
}
