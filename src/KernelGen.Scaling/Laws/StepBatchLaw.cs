namespace KernelGen.Scaling;

/// <summary>
/// The best batch in tokens, <c>B = k·D^m</c>. Li et al. 2025, "Predictable scale: step law", arXiv:2503.04715. Coefficients from a
/// secondary source: no defaults.
/// </summary>
public sealed class StepBatchLaw : PowerLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("step-law", SourceMark.Secondary, "abstract of the paper, at second hand", 0.58, 0.571),
    ];

    /// <inheritdoc/>
    public override string Name => "step-law-batch";

    /// <inheritdoc/>
    public override string Title => "Best batch by tokens";

    /// <inheritdoc/>
    public override string Formula => "B = k * D^m";

    /// <inheritdoc/>
    public override string Citation => "Li et al. 2025, arXiv:2503.04715";

    /// <inheritdoc/>
    public override LawSizes Sizes => LawSizes.Tokens;

    /// <inheritdoc/>
    public override string Predicts => "batch (tokens)";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } = [Coefficient(0.01, 100), Power("m", "tokens")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    protected override void Logs(LawInput input, Span<double> logs)
    {
        logs[0] = input.LogTokens;
    }
}
