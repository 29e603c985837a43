namespace KernelGen.Scaling;

/// <summary>
/// The share of training tokens that quantisation-aware training should take, <c>f* = exp(−a/ln S)</c> with
/// <c>S = D/(N·bits/8)</c> tokens per byte of parameters. Dremov et al. 2025, "Compute-optimal quantization-aware training",
/// arXiv:2509.22935. The coefficient is from a secondary source: no default. The constants of its loss law were not found.
/// </summary>
public sealed class QatShareLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets = [new("dremov", SourceMark.Secondary, "mean absolute error .091", 6.7297)];

    /// <inheritdoc/>
    public override string Name => "qat-share";

    /// <inheritdoc/>
    public override string Title => "Best share of quantisation-aware training by tokens per byte of parameters";

    /// <inheritdoc/>
    public override string Formula => "f* = exp(-a / ln S); S = D/(N*bits/8)";

    /// <inheritdoc/>
    public override string Citation => "Dremov et al. 2025, arXiv:2509.22935";

    /// <inheritdoc/>
    public override string Predicts => "share of tokens, in (0, 1)";

    /// <inheritdoc/>
    public override bool PredictsLoss => false;

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [LawParameter.Positive("a", 1, 20, "how late quantisation should begin")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <summary>Tokens per byte of parameters, S.</summary>
    /// <param name="input">Sizes; the bits are those of its weights.</param>
    public static double TokensPerByte(LawInput input) => input.Tokens / (input.Params * input.Weights.Bits / 8);

    /// <inheritdoc/>
    public override bool Knows(LawInput input, int part) => true;

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        double log = Math.Log(TokensPerByte(input));
        // The law holds for more than one token per byte of parameters.
        return log > 0 ? Traced.Exp(-p[0] / log) : double.NaN;
    }
}
