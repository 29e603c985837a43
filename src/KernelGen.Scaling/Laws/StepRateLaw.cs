namespace KernelGen.Scaling;

/// <summary>
/// The best peak learning rate, <c>η = k·N^p·D^q</c>. Li et al. 2025, "Predictable scale: step law", arXiv:2503.04715. Coefficients
/// from a secondary source: no defaults.
/// </summary>
public sealed class StepRateLaw : PowerLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("step-law", SourceMark.Secondary, "abstract of the paper, at second hand", 1.79, -0.713, 0.307),
    ];

    /// <inheritdoc/>
    public override string Name => "step-law-rate";

    /// <inheritdoc/>
    public override string Title => "Best learning rate by parameters and tokens";

    /// <inheritdoc/>
    public override string Formula => "eta = k * N^p * D^q";

    /// <inheritdoc/>
    public override string Citation => "Li et al. 2025, arXiv:2503.04715";

    /// <inheritdoc/>
    public override string Predicts => "learning rate";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [Coefficient(0.1, 100), Power("p", "parameters"), Power("q", "tokens")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    protected override void Logs(LawInput input, Span<double> logs)
    {
        logs[0] = input.LogParams;
        logs[1] = input.LogTokens;
    }
}
