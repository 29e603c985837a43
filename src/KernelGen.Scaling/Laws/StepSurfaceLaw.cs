namespace KernelGen.Scaling;

/// <summary>
/// Loss by learning rate and batch: ln L is quadratic in x = ln(η/η*) and y = ln(B/B*) about the optima of the step law, η* = k·N^p·D^q and
/// B* = m·D^r, on the floor of Chinchilla's law: <c>ln L = ln(A/N^α + B/D^β + E) + ½(h_x·x² + 2·h_xy·x·y + h_y·y²)</c>. Li et al. 2025,
/// "Predictable scale: step law", arXiv:2503.04715, whose surfaces are convex in these two; the quadratic is the least such form.
/// </summary>
public sealed class StepSurfaceLaw : ScalingLaw
{
    /// <inheritdoc/>
    public override string Name => "step-law-surface";

    /// <inheritdoc/>
    public override string Title => "Loss by parameters, tokens, learning rate and batch";

    /// <inheritdoc/>
    public override string Formula =>
        "ln L = ln(A/N^alpha + B/D^beta + E) + (h_x*x^2 + 2*h_xy*x*y + h_y*y^2)/2; x = ln(lr/(k*N^p*D^q)), y = ln(batch/(m*D^r))";

    /// <inheritdoc/>
    public override string Citation => "Li et al. 2025, arXiv:2503.04715";

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } = [new("lr", "peak learning rate"), new("batch", "batch in tokens")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        LawParameter.Positive("A", 1, 1e6, "size of the term in parameters"),
        LawParameter.Positive("B", 1, 1e6, "size of the term in tokens"),
        LawParameter.Exponent("alpha", "exponent of parameters"),
        LawParameter.Exponent("beta", "exponent of tokens"),
        new("E", 0, 20, 0.2, 2.5, "loss that no size removes"),
        LawParameter.Positive("k", 0.1, 100, "best learning rate at N = D = 1"),
        new("p", -4, 4, -1, 0, "exponent of parameters in the best learning rate"),
        new("q", -4, 4, -0.2, 0.8, "exponent of tokens in the best learning rate"),
        LawParameter.Positive("m", 0.01, 100, "best batch at D = 1"),
        new("r", -4, 4, 0.2, 1, "exponent of tokens in the best batch"),
        LawParameter.Positive("h_x", 1e-3, 0.3, "curvature in the logarithm of the learning rate"),
        LawParameter.Positive("h_y", 1e-3, 0.3, "curvature in the logarithm of the batch"),
        new("h_xy", -1, 1, -0.01, 0.01, "mixed curvature"),
    ];

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p) => Traced.Exp(LogPrediction(input, p));

    /// <inheritdoc/>
    protected override Traced LogPrediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        Traced x = Math.Log(input["lr"]) - Traced.Log(p[5]) - p[6] * input.LogParams - p[7] * input.LogTokens,
            y = Math.Log(input["batch"]) - Traced.Log(p[8]) - p[9] * input.LogTokens;
        Traced least = p[0] * Traced.Exp(-p[2] * input.LogParams) + p[1] * Traced.Exp(-p[3] * input.LogTokens) + p[4];
        return Traced.Log(least) + 0.5 * (p[10] * x * x + 2 * p[12] * x * y + p[11] * y * y);
    }
}
