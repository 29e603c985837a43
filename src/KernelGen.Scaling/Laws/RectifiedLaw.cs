namespace KernelGen.Scaling;

/// <summary>
/// The rectified law of fine-tuning, <c>L = B/(D_l + D^β) + E</c> with D_l the worth of what was learned before. Lin et al. 2024,
/// "Selecting large language model to fine-tune via rectified scaling law", arXiv:2402.02314. The form is recalled.
/// </summary>
public sealed class RectifiedLaw : ScalingLaw
{
    /// <inheritdoc/>
    public override string Name => "rectified";

    /// <inheritdoc/>
    public override string Title => "Loss of fine-tuning by tokens, with a phase before the power law (form recalled [R])";

    /// <inheritdoc/>
    public override string Formula => "L = B/(D_l + D^beta) + E";

    /// <inheritdoc/>
    public override string Citation => "Lin et al. 2024, arXiv:2402.02314";

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
    [
        LawParameter.Positive("B", 1, 1e5, "size of the term in tokens"),
        LawParameter.Positive("D_l", 1, 1e5, "pre-learned data, in units of D^beta"),
        LawParameter.Exponent("beta", "exponent of tokens"),
        new("E", 0, 20, 0.2, 2.5, "loss that no data removes"),
    ];

    /// <inheritdoc/>
    public override double Predict(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        double power = Math.Exp(parameters[2] * input.LogTokens),
            sum = parameters[1] + power,
            term = parameters[0] / sum;
        if (!gradient.IsEmpty)
        {
            gradient[0] = 1 / sum;
            gradient[1] = -term / sum;
            gradient[2] = -term / sum * power * input.LogTokens;
            gradient[3] = 1;
        }
        return term + parameters[3];
    }
}
