namespace KernelGen.Scaling;

/// <summary>
/// The first joint law of parameters and tokens, <c>L = ((N_c/N)^{α_N/α_D} + D_c/D)^{α_D}</c>, N without embeddings. Kaplan et al.
/// 2020, "Scaling laws for neural language models", arXiv:2001.08361. The coefficients were seen in a secondary source only.
/// </summary>
public sealed class KaplanLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("kaplan", SourceMark.Secondary, "joint fit", 0.076, 0.103, 6.4e13, 1.8e13),
    ];

    /// <inheritdoc/>
    public override string Name => "kaplan";

    /// <inheritdoc/>
    public override string Title => "Loss by non-embedding parameters and tokens, without a floor";

    /// <inheritdoc/>
    public override string Formula => "L = ((N_c/N)^(alpha_N/alpha_D) + D_c/D)^alpha_D";

    /// <inheritdoc/>
    public override string Citation => "Kaplan et al. 2020, arXiv:2001.08361";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        new("alpha_N", 1e-4, 2, 0.03, 0.2, "exponent of parameters"),
        new("alpha_D", 1e-4, 2, 0.03, 0.3, "exponent of tokens"),
        LawParameter.Positive("N_c", 1e9, 1e16, "scale of parameters"),
        LawParameter.Positive("D_c", 1e9, 1e16, "scale of tokens"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) => Traced.Exp(LogPrediction(input, p));

    /// <inheritdoc/>
    protected override Traced LogPrediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        Traced a = p[0] / p[1] * (Traced.Log(p[2]) - input.LogParams),
            b = Traced.Log(p[3]) - input.LogTokens;
        double top = Math.Max(a.Value, b.Value);
        return p[1] * (top + Traced.Log(Traced.Exp(a - top) + Traced.Exp(b - top)));
    }
}
