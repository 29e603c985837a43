namespace KernelGen.Scaling;

/// <summary>
/// The best batch, or the critical one, by tokens alone, <c>B = k·D^m</c> in sequences. Bergsma et al. 2025, "Power lines: scaling laws
/// for weight decay and batch size in LLM pre-training", arXiv:2505.13738. The numbers are recalled: no defaults.
/// </summary>
public sealed class BatchLaw : PowerLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("optimal", SourceMark.Recalled, "best batch", 0.0306, 0.383),
        new("critical", SourceMark.Recalled, "critical batch", 0.0471, 0.462),
    ];

    /// <inheritdoc/>
    public override string Name => "power-lines-batch";

    /// <inheritdoc/>
    public override string Title => "Best and critical batch by tokens";

    /// <inheritdoc/>
    public override string Formula => "B = k * D^m";

    /// <inheritdoc/>
    public override string Citation => "Bergsma et al. 2025, arXiv:2505.13738";

    /// <inheritdoc/>
    public override LawSizes Sizes => LawSizes.Tokens;

    /// <inheritdoc/>
    public override string Predicts => "batch (sequences)";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } = [Coefficient(1e-3, 1), Power("m", "tokens")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    protected override void Logs(LawInput input, Span<double> logs)
    {
        logs[0] = input.LogTokens;
    }
}
