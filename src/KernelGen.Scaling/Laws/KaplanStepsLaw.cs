namespace KernelGen.Scaling;

/// <summary>
/// Loss by parameters and steps, <c>L = (N_c/N)^α_N + (S_c/S_min)^α_S</c>, S_min the steps at a batch far above the critical one, N
/// without embeddings. Kaplan et al. 2020, "Scaling laws for neural language models", arXiv:2001.08361.
/// </summary>
public sealed class KaplanStepsLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("kaplan", SourceMark.Secondary, "Table 3 of the paper, quoted", 6.5e13, 0.077, 2.1e3, 0.76),
    ];

    /// <inheritdoc/>
    public override string Name => "kaplan-steps";

    /// <inheritdoc/>
    public override string Title => "Loss by non-embedding parameters and steps at a large batch";

    /// <inheritdoc/>
    public override string Formula => "L = (N_c/N)^alpha_N + (S_c/S)^alpha_S";

    /// <inheritdoc/>
    public override string Citation => "Kaplan et al. 2020, arXiv:2001.08361";

    /// <inheritdoc/>
    public override LawSizes Sizes => LawSizes.Params;

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } = [new("steps", "least steps S, as at an endless batch")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        LawParameter.Positive("N_c", 1e9, 1e16, "scale of parameters"),
        new("alpha_N", 1e-4, 2, 0.03, 0.3, "exponent of parameters"),
        LawParameter.Positive("S_c", 10, 1e5, "scale of steps"),
        new("alpha_S", 1e-4, 4, 0.2, 1.5, "exponent of steps"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) =>
        Traced.Exp(p[1] * (Traced.Log(p[0]) - input.LogParams)) + Traced.Exp(p[3] * (Traced.Log(p[2]) - Math.Log(input["steps"])));
}
