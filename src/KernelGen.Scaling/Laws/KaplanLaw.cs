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
    public override double Predict(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        double loss = Math.Exp(PredictLog(input, parameters, gradient));
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] *= loss;
        }
        return loss;
    }

    /// <inheritdoc/>
    public override double PredictLog(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        double alphaN = parameters[0],
            alphaD = parameters[1],
            ratio = alphaN / alphaD;
        double logN = Math.Log(parameters[2]) - input.LogParams;
        double a = ratio * logN,
            b = Math.Log(parameters[3]) - input.LogTokens,
            top = Math.Max(a, b);
        double sum = Math.Exp(a - top) + Math.Exp(b - top),
            log = top + Math.Log(sum);
        if (!gradient.IsEmpty)
        {
            double shareA = Math.Exp(a - top) / sum;
            gradient[0] = shareA * logN;
            gradient[1] = log - shareA * a;
            gradient[2] = alphaN * shareA / parameters[2];
            gradient[3] = alphaD * (1 - shareA) / parameters[3];
        }
        return alphaD * log;
    }
}
