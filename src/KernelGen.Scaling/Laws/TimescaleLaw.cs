namespace KernelGen.Scaling;

/// <summary>
/// The best timescale of AdamW's average, <c>τ = B/(η·λ·D) = k·(D/N)^m</c>. Bergsma et al. 2025, "Power lines: scaling laws for weight
/// decay and batch size in LLM pre-training", arXiv:2505.13738. The numbers are recalled: no defaults.
/// </summary>
public sealed class TimescaleLaw : PowerLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("power-lines", SourceMark.Recalled, "optimum over sizes", 1.084, -0.527),
    ];

    /// <inheritdoc/>
    public override string Name => "power-lines-timescale";

    /// <inheritdoc/>
    public override string Title => "Best AdamW timescale by tokens per parameter";

    /// <inheritdoc/>
    public override string Formula => "tau = k * (D/N)^m";

    /// <inheritdoc/>
    public override string Citation => "Bergsma et al. 2025, arXiv:2505.13738";

    /// <inheritdoc/>
    public override string Predicts => "timescale B/(eta*lambda*D), a share of the training tokens";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } = [Coefficient(0.1, 10), Power("m", "tokens per parameter")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    protected override void Logs(LawInput input, Span<double> logs)
    {
        logs[0] = input.LogTokens - input.LogParams;
    }
}
