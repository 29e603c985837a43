namespace KernelGen.Scaling;

/// <summary>
/// The law of sparsely connected models, <c>L = (a_S·(1−S)^b_S + c_S)·N^−b_N + (a_D/D)^b_D + c</c>, N the number of non-zero
/// parameters and S the sparsity. Frantar et al. 2023, "Scaling laws for sparsely-connected foundation models", arXiv:2309.08520.
/// Both tables of the paper.
/// </summary>
public sealed class SparseLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("t5-c4", SourceMark.Seen, "T5 on C4; table of the paper", 16.8, 0.722, 45.0, 0.245, 6.90e8, 0.203, 0.651),
        new("vit-jft", SourceMark.Seen, "ViT on JFT; table of the paper", 294, 0.821, 468, 0.392, 2.37e8, 0.890, 4.517),
    ];

    /// <inheritdoc/>
    public override string Name => "frantar-sparse";

    /// <inheritdoc/>
    public override string Title => "Loss of sparse models by non-zero parameters, sparsity and tokens";

    /// <inheritdoc/>
    public override string Formula => "L = (a_S*(1-S)^b_S + c_S)*N^-b_N + (a_D/D)^b_D + c, N non-zero parameters";

    /// <inheritdoc/>
    public override string Citation => "Frantar et al. 2023, arXiv:2309.08520";

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } =
    [new("sparsity", "share of zero weights, in [0, 1); params counts the non-zero ones")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
        Table(
            Sets,
            LawParameter.Positive("a_S", 1, 1000, "part of the size term that sparsity lowers"),
            LawParameter.Exponent("b_S", "exponent of density"),
            LawParameter.Positive("c_S", 1, 1000, "part of the size term that sparsity leaves"),
            LawParameter.Exponent("b_N", "exponent of non-zero parameters"),
            LawParameter.Positive("a_D", 1e6, 1e11, "scale of tokens"),
            LawParameter.Exponent("b_D", "exponent of tokens"),
            new("c", 0, 20, 0.2, 2.5, "loss that no size removes")
        );

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <summary>Non-zero parameters a dense model needs for the loss of a sparse one, per non-zero parameter of the latter.</summary>
    /// <param name="sparsity">Share of zero weights.</param>
    /// <param name="parameters">All parameters.</param>
    public static double DenseMultiplier(double sparsity, ReadOnlySpan<double> parameters) =>
        Math.Pow(
            (parameters[0] * Math.Pow(1 - sparsity, parameters[1]) + parameters[2]) / (parameters[0] + parameters[2]),
            -1 / parameters[3]
        );

    /// <inheritdoc/>
    public override double TotalParams(LawInput input) => input.Params / (1 - input["sparsity"]);

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) =>
        (p[0] * Traced.Exp(p[1] * Math.Log(1 - input["sparsity"])) + p[2]) * Traced.Exp(-p[3] * input.LogParams)
        + Traced.Exp(p[5] * (Traced.Log(p[4]) - input.LogTokens))
        + p[6];
}
