namespace KernelGen.Scaling;

/// <summary>
/// The law of compute-optimal training, <c>L = A·N^−α + B·D^−β + E</c>. Hoffmann et al. 2022, "Training compute-optimal large
/// language models", arXiv:2203.15556, approach 3; refitted by Besiroglu et al. 2024, "Chinchilla scaling: a replication
/// attempt", arXiv:2404.10102.
/// </summary>
public sealed class ChinchillaLaw : EffectiveParameterLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new(
            "refit",
            SourceMark.Computed,
            "plain sum of Huber losses, delta 1e-3, on the 240 points read off the figure",
            477.83,
            2143.4,
            0.34731,
            0.36717,
            1.81722
        ),
        new(
            "hoffmann-tex",
            SourceMark.Seen,
            "TeX source of the paper, unrounded",
            Math.Exp(6.0073404),
            Math.Exp(6.0179186),
            0.33917084,
            0.2849083,
            Math.Exp(0.5267228)
        ),
        new("hoffmann-rounded", SourceMark.Seen, "as printed; rounding alone triples the objective", 406.4, 410.7, 0.34, 0.28, 1.69),
        new(
            "besiroglu",
            SourceMark.Seen,
            "Huber likelihood with a fitted scale on the 240 points",
            482.01,
            2085.43,
            0.3478,
            0.3658,
            1.8172
        ),
    ];

    /// <inheritdoc/>
    public override string Name => "chinchilla";

    /// <inheritdoc/>
    public override string Title => "Loss of dense models by parameters and tokens";

    /// <inheritdoc/>
    public override string Formula => "L = A*N^-alpha + B*D^-beta + E";

    /// <inheritdoc/>
    public override string Citation => "Hoffmann et al. 2022, arXiv:2203.15556; Besiroglu et al. 2024, arXiv:2404.10102";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } = Table(Sets, SharedParameters);

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    protected override Traced LogCapacity(LawInput input, ReadOnlySpan<Traced> p) => 0;
}
