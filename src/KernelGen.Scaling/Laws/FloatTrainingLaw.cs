namespace KernelGen.Scaling;

/// <summary>
/// Training in floating-point formats, <c>L = n/N^α + d/D^β + ε + (D^β/N^α)·log2(block)/(γ·(E+½)^δ·(M+½)^ν)</c> with E exponent and M
/// mantissa bits. Sun et al. 2025, "Scaling laws for floating-point quantization training", arXiv:2501.02423.
/// </summary>
public sealed class FloatTrainingLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new("sun", SourceMark.Seen, "text of the paper", 69.2343, 0.2368, 68973.0621, 0.5162, 1.9061, 11334.5197, 3.1926, 2.9543),
    ];

    /// <inheritdoc/>
    public override string Name => "float-training";

    /// <inheritdoc/>
    public override string Title => "Loss of training in a floating-point format by exponent, mantissa and block";

    /// <inheritdoc/>
    public override string Formula => "L = n/N^alpha + d/D^beta + eps + D^beta/N^alpha*log2(block)/(gamma*(E+.5)^delta*(M+.5)^nu)";

    /// <inheritdoc/>
    public override string Citation => "Sun et al. 2025, arXiv:2501.02423";

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } =
    [
        new("exponent_bits", "exponent bits of the format"),
        new("mantissa_bits", "mantissa bits of the format"),
        new("block", "values that share a scale, above 1"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
        Table(
            Sets,
            LawParameter.Positive("n", 1, 1e5, "size of the term in parameters"),
            LawParameter.Exponent("alpha", "exponent of parameters"),
            LawParameter.Positive("d", 1, 1e6, "size of the term in tokens"),
            LawParameter.Exponent("beta", "exponent of tokens"),
            new("eps", 0, 20, 0.2, 2.5, "loss that no size removes"),
            LawParameter.Positive("gamma", 10, 1e6, "inverse size of the loss by the format"),
            new("delta", 0, 20, 0.5, 5, "exponent of exponent bits"),
            new("nu", 0, 20, 0.5, 5, "exponent of mantissa bits")
        );

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    public override bool Knows(LawInput input, int part) => true;

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        double exponent = Math.Log(input["exponent_bits"] + 0.5),
            mantissa = Math.Log(input["mantissa_bits"] + 0.5);
        Traced format = Traced.Exp(p[3] * input.LogTokens - p[1] * input.LogParams - p[6] * exponent - p[7] * mantissa);
        return p[0] * Traced.Exp(-p[1] * input.LogParams)
            + p[2] * Traced.Exp(-p[3] * input.LogTokens)
            + p[4]
            + format * Math.Log2(input["block"]) / p[5];
    }

    /// <summary>Exponent and mantissa bits that suit a total (sign included) best: <c>E + ½ = δ·P/(δ + ν)</c>.</summary>
    /// <param name="bits">Bits P of the format.</param>
    /// <param name="parameters">All parameters.</param>
    public static (double Exponent, double Mantissa) BestLayout(double bits, ReadOnlySpan<double> parameters)
    {
        double exponent = parameters[6] * bits / (parameters[6] + parameters[7]) - 0.5;
        return (exponent, bits - 1 - exponent);
    }

    /// <summary>Tokens beyond which more training in the format hurts.</summary>
    /// <param name="input">Parameters and format.</param>
    /// <param name="parameters">All parameters.</param>
    public static double CriticalTokens(LawInput input, ReadOnlySpan<double> parameters)
    {
        double logFormat = parameters[6] * Math.Log(input["exponent_bits"] + 0.5) + parameters[7] * Math.Log(input["mantissa_bits"] + 0.5);
        double log =
            Math.Log(parameters[2] * parameters[5]) + parameters[1] * input.LogParams + logFormat - Math.Log(Math.Log2(input["block"]));
        return Math.Exp(log / (2 * parameters[3]));
    }
}
