namespace KernelGen.Scaling;

/// <summary>
/// The joint law of mixtures of experts, <c>L = a·Ê^δ·N^{α+γ ln Ê} + b·Ê^ω·D^{β+ζ ln Ê} + c</c> with N active parameters (embeddings
/// included) and Ê the number of experts E, saturated: <c>1/Ê = 1/(E − 1 + (1/E_s − 1/E_m)^−1) + 1/E_m</c>. Ludziejewski et al. 2025,
/// "Joint MoE scaling laws", arXiv:2502.05172.
/// </summary>
public sealed class MixtureJointLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new(
            "ludziejewski",
            SourceMark.Seen,
            "text of the paper",
            35.91,
            -0.1889,
            -0.2285,
            0.0098,
            35.98,
            -0.1775,
            0.5529,
            -0.0259,
            2.0732,
            290.4521,
            1.3637
        ),
    ];

    /// <inheritdoc/>
    public override string Name => "moe-joint";

    /// <inheritdoc/>
    public override string Title => "Loss of mixtures of experts by active parameters, tokens and experts";

    /// <inheritdoc/>
    public override string Formula =>
        "L = a*Eh^delta*N^(alpha+gamma*ln Eh) + b*Eh^omega*D^(beta+zeta*ln Eh) + c; 1/Eh = 1/(E-1+1/(1/E_s-1/E_m)) + 1/E_m";

    /// <inheritdoc/>
    public override string Citation => "Ludziejewski et al. 2025, arXiv:2502.05172";

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } =
    [new("experts", "number of experts E, at least 1; params counts the active parameters")];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
        Table(
            Sets,
            LawParameter.Positive("a", 1, 1e4, "size of the term in parameters"),
            new("alpha", -2, 0, -0.5, -0.05, "exponent of parameters"),
            new("delta", -4, 4, -0.5, 0.5, "exponent of experts on parameters"),
            new("gamma", -1, 1, -0.05, 0.05, "how experts change the exponent of parameters"),
            LawParameter.Positive("b", 1, 1e4, "size of the term in tokens"),
            new("beta", -2, 0, -0.5, -0.05, "exponent of tokens"),
            new("omega", -4, 4, -0.5, 0.5, "exponent of experts on tokens"),
            new("zeta", -1, 1, -0.05, 0.05, "how experts change the exponent of tokens"),
            new("E_s", 1, 10, 1.2, 4, "experts a dense model counts for"),
            new("E_m", 10, 1e5, 50, 1000, "number of experts at which the gain saturates") { Scale = ParameterScale.Log },
            new("c", 0, 20, 0.2, 2.5, "loss that no size removes")
        );

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <summary>The same law for one number of experts: <c>L = m·N^μ + n·D^ν + c</c>.</summary>
    /// <param name="experts">Number of experts.</param>
    /// <param name="parameters">All parameters.</param>
    /// <returns>m, μ, n, ν.</returns>
    public static (double M, double Mu, double N, double Nu) Reduced(double experts, ReadOnlySpan<double> parameters)
    {
        double log = LogExperts(experts, parameters, out _, out _);
        return (
            parameters[0] * Math.Exp(parameters[2] * log),
            parameters[1] + parameters[3] * log,
            parameters[4] * Math.Exp(parameters[6] * log),
            parameters[5] + parameters[7] * log
        );
    }

    /// <inheritdoc/>
    public override double Predict(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        gradient.Clear();
        double experts = LogExperts(input["experts"], parameters, out double byStart, out double byMax);
        double size = PowerTerm.Add(parameters, gradient, 0, (1, input.LogParams), (2, experts), (3, experts * input.LogParams));
        double data = PowerTerm.Add(parameters, gradient, 4, (5, input.LogTokens), (6, experts), (7, experts * input.LogTokens));
        if (!gradient.IsEmpty)
        {
            double byExperts =
                size * (parameters[2] + parameters[3] * input.LogParams) + data * (parameters[6] + parameters[7] * input.LogTokens);
            gradient[8] += byExperts * byStart;
            gradient[9] += byExperts * byMax;
            gradient[10] += 1;
        }
        return size + data + parameters[10];
    }

    private static double LogExperts(double experts, ReadOnlySpan<double> parameters, out double byStart, out double byMax)
    {
        double start = parameters[8],
            max = parameters[9];
        double u = 1 / (1 / start - 1 / max),
            q = experts - 1 + u,
            inverse = 1 / q + 1 / max;
        // d(1/Ê) = −du/q² − dE_m/E_m²; du = u²·dE_s/E_s² − u²·dE_m/E_m².
        byStart = u * u / (start * start) / (q * q) / inverse;
        byMax = (1 - u * u / (q * q)) / (max * max) / inverse;
        return -Math.Log(inverse);
    }
}
