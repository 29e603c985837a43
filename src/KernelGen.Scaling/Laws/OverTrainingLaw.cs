namespace KernelGen.Scaling;

/// <summary>
/// Loss by compute and tokens per parameter, <c>L = E + (a·M^η + b·M^−η)·C^−η</c> with M = D/N and C = 6·N·D. Gadre et al. 2024,
/// "Language models scale reliably with over-training and on downstream tasks", arXiv:2403.08540. Form from a secondary source.
/// </summary>
public sealed class OverTrainingLaw : ScalingLaw
{
    /// <inheritdoc/>
    public override string Name => "over-training";

    /// <inheritdoc/>
    public override string Title => "Loss by compute and tokens per parameter";

    /// <inheritdoc/>
    public override string Formula => "L = E + (a*M^eta + b*M^-eta)*C^-eta; M = D/N, C = 6*N*D";

    /// <inheritdoc/>
    public override string Citation => "Gadre et al. 2024, arXiv:2403.08540";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        LawParameter.Positive("a", 1, 1e4, "size of the term of over-training"),
        LawParameter.Positive("b", 1, 1e4, "size of the term of under-training"),
        LawParameter.Exponent("eta", "exponent of compute", startHigh: 0.5),
        new("E", 0, 20, 0.2, 2.5, "loss that no size removes"),
    ];

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        double ratio = input.LogTokens - input.LogParams,
            compute = Math.Log(6) + input.LogParams + input.LogTokens;
        return (p[0] * Traced.Exp(p[2] * ratio) + p[1] * Traced.Exp(-p[2] * ratio)) * Traced.Exp(-p[2] * compute) + p[3];
    }
}
