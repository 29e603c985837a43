namespace KernelGen.Scaling;

/// <summary>
/// Loss by the size of the vocabulary, normalised by a unigram model: <c>L_u = −E + A1/N_nv^a1 + A2/(V·d)^a2 + B/D^a1</c>, with N_nv
/// parameters without vocabulary in millions, V entries and d width in thousands, and D = H·t(V) tokens from H characters in
/// thousands of millions. Tao et al. 2024, "Scaling laws with vocabulary", arXiv:2407.13623; code and data. The published constants
/// come out only if t(V) is fed V in thousands, as the authors' script does, and so does this class.
/// </summary>
public sealed class VocabularyLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("tao", SourceMark.Seen, "repository; published constants", 1.831, 0.196, 2.124, 5.533, 0.447, 0.671),
    ];

    /// <inheritdoc/>
    public override string Name => "vocabulary";

    /// <inheritdoc/>
    public override string Title => "Unigram-normalised loss by parameters, vocabulary, width and characters";

    /// <inheritdoc/>
    public override string Formula => "L_u = -E + A1/N^a1 + A2/(V*d)^a2 + B/D^a1; D = H*t(V); N in 1e6, V and d in 1e3, H in 1e9";

    /// <inheritdoc/>
    public override string Citation => "Tao et al. 2024, arXiv:2407.13623";

    /// <inheritdoc/>
    public override string Predicts => "unigram-normalised loss (nats per token)";

    /// <inheritdoc/>
    public override LawSizes Sizes => LawSizes.Params;

    /// <summary>False: this loss is negative, so errors are raw differences.</summary>
    public override bool LogResiduals => false;

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } =
    [new("vocabulary", "entries V"), new("width", "width of the model d"), new("characters", "characters of training text H")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
        Table(
            Sets,
            LawParameter.Positive("A1", 0.1, 50, "size of the term in parameters without vocabulary"),
            LawParameter.Positive("A2", 0.01, 10, "size of the term in vocabulary parameters"),
            LawParameter.Positive("B", 0.1, 50, "size of the term in tokens"),
            new("E", 0, 20, 1, 8, "gain over the unigram model at infinite size"),
            LawParameter.Exponent("a1", "exponent of parameters and of tokens"),
            LawParameter.Exponent("a2", "exponent of vocabulary parameters")
        );

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        double vocabulary = input["vocabulary"] / 1e3,
            log = Math.Log(vocabulary);
        double perCharacter = 0.00639222 * log * log - 0.15811069 * log + 1.20470122;
        return p[0] * Traced.Exp(-p[4] * Math.Log(input.Params / 1e6))
            + p[1] * Traced.Exp(-p[5] * Math.Log(vocabulary * input["width"] / 1e3))
            + p[2] * Traced.Exp(-p[4] * Math.Log(input["characters"] / 1e9 * perCharacter))
            - p[3];
    }
}
