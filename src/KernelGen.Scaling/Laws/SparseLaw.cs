namespace KernelGen.Scaling;

/// <summary>
/// The law of sparsely connected models, <c>L = (a_S·(1−S)^b_S + c_S)·N^−b_N + (a_D/D)^b_D + c</c>, N the number of non-zero
/// parameters and S the sparsity. Frantar et al. 2023, "Scaling laws for sparsely-connected foundation models", arXiv:2309.08520.
/// The coefficients are recalled, not seen: no defaults.
/// </summary>
public sealed class SparseLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new(
            "t5-c4",
            SourceMark.Recalled,
            "T5 on C4; gives back the recalled multipliers 1.60, 2.16, 2.63",
            16.8,
            0.722,
            45.0,
            0.245,
            6.90e8,
            0.203,
            0.651
        ),
        new("vit-jft", SourceMark.Recalled, "ViT on JFT", 294, 0.821, 468, 0.392, 2.37e8, 0.890, 4.517),
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
    [
        LawParameter.Positive("a_S", 1, 1000, "part of the size term that sparsity lowers"),
        LawParameter.Exponent("b_S", "exponent of density"),
        LawParameter.Positive("c_S", 1, 1000, "part of the size term that sparsity leaves"),
        LawParameter.Exponent("b_N", "exponent of non-zero parameters"),
        LawParameter.Positive("a_D", 1e6, 1e11, "scale of tokens"),
        LawParameter.Exponent("b_D", "exponent of tokens"),
        new("c", 0, 20, 0.2, 2.5, "loss that no size removes"),
    ];

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
    public override double Predict(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        gradient.Clear();
        double density = Math.Log(1 - input["sparsity"]),
            logRatio = Math.Log(parameters[4]) - input.LogTokens;
        double tokens = PowerTerm.Scaled(1, parameters, gradient, [(5, logRatio)], out _);
        if (!gradient.IsEmpty)
        {
            gradient[4] += tokens * parameters[5] / parameters[4];
            gradient[6] += 1;
        }
        return PowerTerm.Add(parameters, gradient, 0, (1, density), (3, -input.LogParams))
            + PowerTerm.Add(parameters, gradient, 2, (3, -input.LogParams))
            + tokens
            + parameters[6];
    }
}
