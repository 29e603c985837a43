namespace KernelGen.Scaling;

/// <summary>
/// Mixtures of experts by the share of inactive parameters S, <c>L = a/N^α + b/D^β + c/(1−S)^λ + d/((1−S)^δ·N^γ) + e</c>. Abnar et al.
/// 2025, "Parameters vs FLOPs: scaling laws for optimal sparsity for mixture-of-experts language models", arXiv:2501.12370.
/// Coefficients from a secondary source: no defaults.
/// </summary>
public sealed class MixtureSparsityLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new(
            "abnar",
            SourceMark.Secondary,
            "R² 99 % in sample, 68 % held out",
            16612.5,
            5455.67,
            0.4598,
            17.26,
            0.94,
            0.5962,
            0.3954,
            -0.1666,
            0.1603,
            0.1595
        ),
    ];

    /// <inheritdoc/>
    public override string Name => "moe-sparsity";

    /// <inheritdoc/>
    public override string Title => "Loss of mixtures of experts by parameters, tokens and inactive share";

    /// <inheritdoc/>
    public override string Formula => "L = a/N^alpha + b/D^beta + c/(1-S)^lambda + d/((1-S)^delta*N^gamma) + e";

    /// <inheritdoc/>
    public override string Citation => "Abnar et al. 2025, arXiv:2501.12370";

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } = [new("sparsity", "share of parameters inactive per token, in [0, 1)")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        LawParameter.Positive("a", 10, 1e6, "size of the term in parameters"),
        LawParameter.Positive("b", 10, 1e6, "size of the term in tokens"),
        LawParameter.Positive("c", 0.05, 5, "size of the term in sparsity"),
        LawParameter.Positive("d", 0.5, 500, "size of the mixed term"),
        new("e", 0, 20, 0.2, 2.5, "loss that no size removes"),
        LawParameter.Exponent("alpha", "exponent of parameters"),
        LawParameter.Exponent("beta", "exponent of tokens"),
        new("lambda", -4, 4, -0.5, 0.5, "exponent of density"),
        new("delta", -4, 4, -0.5, 0.5, "exponent of density in the mixed term"),
        LawParameter.Exponent("gamma", "exponent of parameters in the mixed term"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    public override double ActiveParams(LawInput input) => input.Params * (1 - input["sparsity"]);

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        double density = Math.Log(1 - input["sparsity"]);
        return p[0] * Traced.Exp(-p[5] * input.LogParams)
            + p[1] * Traced.Exp(-p[6] * input.LogTokens)
            + p[2] * Traced.Exp(-p[7] * density)
            + p[3] * Traced.Exp(-p[8] * density - p[9] * input.LogParams)
            + p[4];
    }
}
