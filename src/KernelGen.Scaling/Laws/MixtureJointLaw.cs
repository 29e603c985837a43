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
    [new("experts", "number of experts E, at least 1; params counts the active parameters"), ExpertShare.Column];

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
        double log = LogExperts(experts, Traced.Constants(parameters)).Value;
        return (
            parameters[0] * Math.Exp(parameters[2] * log),
            parameters[1] + parameters[3] * log,
            parameters[4] * Math.Exp(parameters[6] * log),
            parameters[5] + parameters[7] * log
        );
    }

    /// <inheritdoc/>
    public override double TotalParams(LawInput input) => ExpertShare.TotalParams(input);

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        Traced experts = LogExperts(input["experts"], p);
        return p[0] * Traced.Exp(p[2] * experts + (p[1] + p[3] * experts) * input.LogParams)
            + p[4] * Traced.Exp(p[6] * experts + (p[5] + p[7] * experts) * input.LogTokens)
            + p[10];
    }

    private static Traced LogExperts(double experts, ReadOnlySpan<Traced> p) => SaturatedExperts.Log(experts, p[8], p[9]);
}
