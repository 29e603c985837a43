namespace KernelGen.Training;

/// <summary>
/// What depends on the width of a model. Standard: nothing but the initial weights. Maximal update (μP; Yang et al. 2022, "Tensor
/// Programs V", arXiv 2203.03466, table 8 for Adam): against a model of width <see cref="BaseWidth"/>, rates of the matrices of linear
/// layers and logits are smaller by the ratio of the widths, and attention divides by the width of a head instead of its root. A rate that
/// is best at one width is then best at the others. Both are the same at the base width, which is that of the size 25k.
/// </summary>
/// <remarks>
/// Initial weights have variance 1 / inputs already. Weight decay goes by the unscaled rate, so that a matrix of any width forgets as
/// fast. One ratio is used for all matrices: on the ladder of sizes the width inside feed-forward layers follows the width.
/// </remarks>
internal sealed record Parameterisation
{
    /// <summary>Width at which both are the same, and width of a head there.</summary>
    public const int BaseWidth = 32,
        BaseHead = 16;

    private readonly double _ratio;

    public Parameterisation(TrainingSpec spec)
    {
        bool mup = spec.Parameterisation == TrainingSpec.Mup;
        int head = spec.Width / spec.Heads;
        _ratio = mup ? (double)BaseWidth / spec.Width : 1;
        QueryFactor = mup ? MathF.Sqrt((float)BaseHead / head) : 1;
        QueryScale = QueryFactor / MathF.Sqrt(head);
        LogitScale = (float)_ratio;
    }

    /// <summary>Factor of queries before they meet keys.</summary>
    public float QueryScale { get; }

    /// <summary>The same over the 1 / √head of Llama.</summary>
    public float QueryFactor { get; }

    /// <summary>Factor of logits.</summary>
    public float LogitScale { get; }

    /// <summary>Factor of the learning rate of a tensor.</summary>
    public double Rate(ParameterTensor tensor) => tensor.Kind == ParameterKind.Linear ? _ratio : 1;
}
