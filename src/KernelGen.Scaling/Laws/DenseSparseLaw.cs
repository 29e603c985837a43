namespace KernelGen.Scaling;

/// <summary>
/// One law for dense, pruned and mixture models, <c>L = e·(1−S)^γ + (a·(1−S)^α + c·S)/N^α + b/D^β</c>, N active parameters; at S = 0 it
/// is Chinchilla's. Hossain et al. 2025, "Generalized scaling law for dense and sparse models", arXiv:2508.06617. Coefficients from a
/// secondary source: no defaults.
/// </summary>
public sealed class DenseSparseLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("pruned", SourceMark.Secondary, "pruned models", 0.15, 86.03, 7.90, 29.26, 0.28, 0.08, 2.00),
        new("moe", SourceMark.Secondary, "mixtures of experts", 0.57, 8.26, 6324.82, 3.57, 0.08, 0.40, 1.19),
    ];

    /// <inheritdoc/>
    public override string Name => "dense-sparse";

    /// <inheritdoc/>
    public override string Title => "Loss of dense and sparse models by active parameters, tokens and sparsity";

    /// <inheritdoc/>
    public override string Formula => "L = e*(1-S)^gamma + (a*(1-S)^alpha + c*S)/N^alpha + b/D^beta";

    /// <inheritdoc/>
    public override string Citation => "Hossain et al. 2025, arXiv:2508.06617";

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } =
    [new("sparsity", "share of zero or inactive weights, in [0, 1); params counts the active ones")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        new("e", 0, 20, 0.2, 2.5, "loss that no size removes, dense"),
        LawParameter.Positive("a", 1, 1e5, "size of the dense term in parameters"),
        LawParameter.Positive("b", 1, 1e5, "size of the term in tokens"),
        LawParameter.Positive("c", 1, 1e5, "size of the sparse term in parameters"),
        LawParameter.Exponent("alpha", "exponent of parameters"),
        LawParameter.Exponent("beta", "exponent of tokens"),
        LawParameter.Exponent("gamma", "exponent of density in the floor", startHigh: 2),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    public override double TotalParams(LawInput input) => input.Params / (1 - input["sparsity"]);

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        double sparsity = input["sparsity"],
            density = Math.Log(1 - sparsity);
        return p[0] * Traced.Exp(p[6] * density)
            + (p[1] * Traced.Exp(p[4] * density) + p[3] * sparsity) * Traced.Exp(-p[4] * input.LogParams)
            + p[2] * Traced.Exp(-p[5] * input.LogTokens);
    }
}
