namespace KernelGen.Scaling;

/// <summary>
/// Routed models by the size of the dense model and the number of experts, <c>log L = a·log N + b·log Ê + c·log N·log Ê + d</c>, logarithms
/// to base 10, Ê saturated (<c>1/Ê = 1/(E − 1 + (1/E_s − 1/E_m)^−1) + 1/E_m</c>). Clark et al. 2022, "Unified scaling laws for routed
/// language models", arXiv:2202.01169. The sets are Table 3 of the paper. Least squares on its runs (the router's and the dense ones, k =
/// 1, every other layer routed), E_s and E_m held, gives their digits.
/// </summary>
public sealed class RoutedLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("s-base", SourceMark.Secondary, "Table 3 of the paper, quoted", -0.082, -0.108, 0.009, 1.104, 1.847, 314.478),
        new("rl-r", SourceMark.Secondary, "Table 3 of the paper, quoted", -0.083, -0.126, 0.012, 1.111, 1.880, 469.982),
        new("hash", SourceMark.Secondary, "Table 3 of the paper, quoted", -0.087, -0.136, 0.012, 1.157, 4.175, 477.741),
    ];

    /// <inheritdoc/>
    public override string Name => "routed";

    /// <inheritdoc/>
    public override string Title => "Loss of routed models by parameters of the dense model and experts";

    /// <inheritdoc/>
    public override string Formula => "log L = a*log N + b*log Eh + c*log N*log Eh + d, base 10; 1/Eh = 1/(E-1+1/(1/E_s-1/E_m)) + 1/E_m";

    /// <inheritdoc/>
    public override string Citation => "Clark et al. 2022, arXiv:2202.01169";

    /// <inheritdoc/>
    public override LawSizes Sizes => LawSizes.Params;

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } =
    [new("experts", "number of experts E, at least 1; params counts those of the dense model"), ExpertShare.Column];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        new("a", -2, 0, -0.3, -0.02, "exponent of parameters"),
        new("b", -2, 0, -0.4, -0.02, "exponent of experts at N = 1"),
        new("c", -1, 1, 0, 0.04, "how parameters weaken experts"),
        new("d", -5, 5, 0.5, 2, "log10 of the loss at N = 1, one expert"),
        new("E_s", 1, 20, 1.2, 5, "experts a dense model counts for"),
        new("E_m", 21, 1e6, 100, 2000, "number of experts at which the gain saturates") { Scale = ParameterScale.Log },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    public override double TotalParams(LawInput input) => ExpertShare.TotalParams(input);

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) => Traced.Exp(LogPrediction(input, p));

    /// <inheritdoc/>
    protected override Traced LogPrediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        double size = input.LogParams / Math.Log(10);
        Traced experts = SaturatedExperts.Log(input["experts"], p[4], p[5]) / Math.Log(10);
        return Math.Log(10) * (p[0] * size + p[1] * experts + p[2] * size * experts + p[3]);
    }
}
