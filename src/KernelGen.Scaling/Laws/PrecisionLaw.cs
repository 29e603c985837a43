namespace KernelGen.Scaling;

/// <summary>
/// The precision law, <c>L = A·N_eff^−α + B·D^−β + E</c> with <c>N_eff = N·Π(1 − e^{−P/γ + n})</c> over the bits P of weights,
/// activations and KV cache, and a term for quantisation after training,
/// <c>C_T·(D^g_D/N^g_N)·e^{−P_post/γ_post + b}</c>. Kumar et al. 2024, "Scaling laws for precision", arXiv:2411.04330, appendix K.
/// The printed formula lacks the offsets n, but the fit used them: without them its own optimum of 7 to 8 bits does not come out.
/// </summary>
public sealed class PrecisionLaw : EffectiveParameterLaw
{
    /// <summary>Below this a factor is continued as the exponential of its tangent, so that a fit can find its way back from P &lt; n·γ.</summary>
    private const double SmallestFactor = 1e-3;

    private const int FirstGamma = Shared,
        FirstPost = Shared + 6;

    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new(
            "kumar",
            SourceMark.Seen,
            "appendix K; the sign of the offsets resolved by the paper's own optimum, that of b by analogy",
            4.299e3,
            1.806e4,
            0.4965,
            0.4965,
            2.7648,
            2.6745,
            0.3037,
            2.2102,
            1.4072,
            0.9578,
            2.4185,
            0.0598,
            0.5068,
            0.3439,
            0.5907,
            1.1277
        ),
        new(
            "kumar-printed",
            SourceMark.Seen,
            "the formula as printed, without offsets",
            4.299e3,
            1.806e4,
            0.4965,
            0.4965,
            2.7648,
            2.6745,
            0,
            2.2102,
            0,
            0.9578,
            0,
            0.0598,
            0.5068,
            0.3439,
            0.5907,
            0
        ),
    ];

    /// <inheritdoc/>
    public override string Name => "kumar";

    /// <inheritdoc/>
    public override string Title => "Effective parameters from the bits of weights, activations and KV cache";

    /// <inheritdoc/>
    public override string Formula =>
        "L = A*(N*product(1 - exp(-P/gamma + n)))^-alpha + B*D^-beta + E [+ C_T*D^gD/N^gN*exp(-P_post/gamma_post + b)]";

    /// <inheritdoc/>
    public override string Citation => "Kumar et al. 2024, arXiv:2411.04330";

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } =
    [new("post_bits", "bits of the weights after training; the term for it is 0 without this column", Optional: true)];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
        Table(
            Sets,
            [
                .. SharedParameters,
                Gamma("gamma_w", "weights"),
                Offset("n_w", "weights"),
                Gamma("gamma_a", "activations"),
                Offset("n_a", "activations"),
                Gamma("gamma_kv", "the KV cache") with
                {
                    Held = true,
                    Default = 0.9578,
                },
                Offset("n_kv", "the KV cache") with
                {
                    Held = true,
                    Default = 2.4185,
                },
                LawParameter.Positive("C_T", 1e-3, 1, "size of the loss by quantisation after training", 0.0598) with
                {
                    Held = true,
                },
                LawParameter.Exponent("g_D", "its exponent of tokens", 0.5068) with
                {
                    Held = true,
                },
                LawParameter.Exponent("g_N", "its exponent of parameters", 0.3439) with
                {
                    Held = true,
                },
                Gamma("gamma_post", "quantisation after training") with
                {
                    Held = true,
                    Default = 0.5907,
                },
                Offset("b_post", "quantisation after training") with
                {
                    Held = true,
                    Default = 1.1277,
                },
            ]
        );

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    public override bool Knows(LawInput input, int part) => true;

    /// <inheritdoc/>
    protected override Traced LogCapacity(LawInput input, ReadOnlySpan<Traced> p) =>
        Factor(input.Weights.Bits, p[FirstGamma], p[FirstGamma + 1])
        + Factor(input.Activations.Bits, p[FirstGamma + 2], p[FirstGamma + 3])
        + Factor(input.KvCache.Bits, p[FirstGamma + 4], p[FirstGamma + 5]);

    /// <summary>The loss that quantising the weights after training adds, nats per token.</summary>
    /// <param name="input">Sizes; the bits are its column <c>post_bits</c>, without which nothing is added.</param>
    /// <param name="parameters">All parameters.</param>
    public static double PostTraining(LawInput input, ReadOnlySpan<double> parameters) =>
        PostTraining(input, (ReadOnlySpan<Traced>)Traced.Constants(parameters)).Value;

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) =>
        Traced.Exp(base.LogPrediction(input, p)) + PostTraining(input, p);

    /// <inheritdoc/>
    protected override Traced LogPrediction(LawInput input, ReadOnlySpan<Traced> p) => Traced.Log(Prediction(input, p));

    private static Traced PostTraining(LawInput input, ReadOnlySpan<Traced> p) =>
        input.Get("post_bits", double.NaN) is not double.NaN and var bits
            ? p[FirstPost]
                * Traced.Exp(
                    p[FirstPost + 1] * input.LogTokens - p[FirstPost + 2] * input.LogParams - bits / p[FirstPost + 3] + p[FirstPost + 4]
                )
            : 0;

    private static LawParameter Gamma(string name, string of) =>
        new(name, 0.05, 50, 0.5, 4, $"bits over which the loss of {of} falls by e") { Scale = ParameterScale.Log };

    private static LawParameter Offset(string name, string of) => new(name, -3, 10, -1, 1, $"offset of the exponent of {of}");

    private static Traced Factor(double bits, Traced gamma, Traced offset)
    {
        Traced factor = 1 - Traced.Exp(-bits / gamma + offset);
        return factor.Value >= SmallestFactor ? Traced.Log(factor) : Math.Log(SmallestFactor) + (factor - SmallestFactor) / SmallestFactor;
    }
}
