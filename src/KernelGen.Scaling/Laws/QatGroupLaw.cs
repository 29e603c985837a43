namespace KernelGen.Scaling;

/// <summary>
/// Quantisation-aware training with groups, <c>L = E + A/N^α + B/D^β + k·D^g_D·(log2 G)^g_G/N^g_N</c>: the error of quantisation grows
/// with tokens. Chen et al. 2025, "Scaling law for quantization-aware training", arXiv:2505.14302.
/// </summary>
public sealed class QatGroupLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        Set("w4a4", 0.1582, 0.2186, 0.0745, 0.7779),
        Set("w4a16", 0.2522, 0.3589, 0.1610, 0.3533),
        Set("w16a4", 0.1004, 0.1816, 0.0331, 0.9812),
        Set("w4a4-fc2-8bit", 0.3519, 0.2637, 0.0964, 0.3407),
        Set("w16a4-fc2-8bit", 0.1273, 0.2347, 0.0827, 0.4491),
    ];

    /// <inheritdoc/>
    public override string Name => "qat-group";

    /// <inheritdoc/>
    public override string Title => "Loss of quantisation-aware training by parameters, tokens and group size";

    /// <inheritdoc/>
    public override string Formula => "L = E + A/N^alpha + B/D^beta + k*D^g_D*(log2 G)^g_G/N^g_N";

    /// <inheritdoc/>
    public override string Citation => "Chen et al. 2025, arXiv:2505.14302";

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } = [new("group_size", "values that share a scale G, above 1")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
        Table(
            Sets,
            LawParameter.Positive("A", 1, 1e5, "size of the term in parameters"),
            LawParameter.Positive("B", 1, 1e5, "size of the term in tokens"),
            LawParameter.Exponent("alpha", "exponent of parameters"),
            LawParameter.Exponent("beta", "exponent of tokens"),
            new("E", 0, 20, 0.2, 2.5, "loss that no size removes"),
            LawParameter.Positive("k", 1e-3, 10, "size of the loss by quantisation"),
            LawParameter.Exponent("g_N", "how parameters lower it", startHigh: 0.5),
            LawParameter.Exponent("g_D", "how tokens raise it", startHigh: 0.3),
            LawParameter.Exponent("g_G", "how the group raises it")
        );

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    public override bool Knows(LawInput input, int part) => true;

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) =>
        Size(input, p) + p[1] * Traced.Exp(-p[3] * input.LogTokens) + p[4] + Quantisation(input, p);

    /// <summary>The loss that quantisation adds, nats per token.</summary>
    /// <param name="input">Sizes and group size.</param>
    /// <param name="parameters">All parameters.</param>
    public static double QuantisationLoss(LawInput input, ReadOnlySpan<double> parameters) =>
        Quantisation(input, Traced.Constants(parameters)).Value;

    /// <summary>The effective-parameter multiplier at these sizes: no constant here, it falls with tokens.</summary>
    /// <param name="input">Sizes and group size.</param>
    /// <param name="parameters">All parameters.</param>
    public static double Multiplier(LawInput input, ReadOnlySpan<double> parameters)
    {
        Traced[] p = Traced.Constants(parameters);
        double size = Size(input, p).Value;
        return Math.Pow(size / (size + Quantisation(input, p).Value), 1 / parameters[2]);
    }

    private static Traced Size(LawInput input, ReadOnlySpan<Traced> p) => p[0] * Traced.Exp(-p[2] * input.LogParams);

    private static Traced Quantisation(LawInput input, ReadOnlySpan<Traced> p) =>
        p[5] * Traced.Exp(p[7] * input.LogTokens - p[6] * input.LogParams + p[8] * Math.Log(Math.Log2(input["group_size"])));

    private static LawCoefficients Set(string name, double k, double gN, double gD, double gG) =>
        new(name, SourceMark.Seen, "table of the paper", 237.7042, 596.2490, 0.3022, 0.3022, 1.9279, k, gN, gD, gG);
}
