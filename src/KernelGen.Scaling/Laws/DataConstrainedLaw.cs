namespace KernelGen.Scaling;

/// <summary>
/// Chinchilla's law on effective tokens and parameters where data is repeated: both saturate exponentially with the number of
/// repetitions, <c>X = U·(1 + R*·(1 − e^{−R/R*}))</c>. Muennighoff et al. 2023, "Scaling data-constrained language models",
/// arXiv:2305.16264; coefficients from its repository. They predict its own validation losses 8 % too low: fit your own.
/// </summary>
public sealed class DataConstrainedLaw : ScalingLaw
{
    private static readonly IReadOnlyList<LawCoefficients> Sets =
    [
        new(
            "muennighoff",
            SourceMark.Seen,
            "README and notebook of the repository; alpha = beta tied",
            Math.Exp(6.255414),
            Math.Exp(7.3049974),
            0.3526596,
            0.3526596,
            Math.Exp(0.6254804),
            15.387756,
            5.309743
        ),
    ];

    /// <inheritdoc/>
    public override string Name => "data-constrained";

    /// <inheritdoc/>
    public override string Title => "Loss where data is repeated, by parameters, tokens and unique tokens";

    /// <inheritdoc/>
    public override string Formula =>
        "L = E + A/N'^alpha + B/D'^beta; D' = U*(1 + R_D*(1-exp(-(D/U-1)/R_D))), N' likewise from the parameters that fit U";

    /// <inheritdoc/>
    public override string Citation => "Muennighoff et al. 2023, arXiv:2305.16264";

    /// <inheritdoc/>
    public override IReadOnlyList<LawColumn> Columns { get; } =
    [
        new("unique_tokens", "distinct training tokens U; equal to tokens if absent", Optional: true),
        new("epochs", "passes over the data, from which U = tokens/epochs where there is no unique_tokens", Optional: true),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<LawParameter> Parameters { get; } =
        Table(
            Sets,
            LawParameter.Positive("A", 1, 1e6, "size of the term in parameters"),
            LawParameter.Positive("B", 1, 1e6, "size of the term in tokens"),
            new("alpha", 1e-3, 4, 0.1, 0.8, "exponent of parameters"),
            new("beta", 1e-3, 4, 0.1, 0.8, "exponent of tokens"),
            new("E", 0, 20, 0.2, 2.5, "loss that no size removes"),
            new("R_D", 1e-2, 1e4, 1, 40, "repetitions after which data has lost its worth") { Scale = ParameterScale.Log },
            new("R_N", 1e-2, 1e4, 1, 40, "the same for parameters beyond what the data calls for") { Scale = ParameterScale.Log }
        );

    /// <inheritdoc/>
    public override IReadOnlyList<LawCoefficients> Published => Sets;

    /// <inheritdoc/>
    protected override Traced Prediction(LawInput input, ReadOnlySpan<Traced> p)
    {
        Traced a = p[0],
            b = p[1],
            alpha = p[2],
            beta = p[3];
        double unique = Math.Min(input.Get("unique_tokens", input.Tokens / input.Get("epochs", 1)), input.Tokens);

        // Parameters that suit the unique tokens, N_opt(U) = (U·G)^(β/α)·G with G = (αA/(βB))^(1/(α+β)).
        Traced logG = (Traced.Log(alpha * a) - Traced.Log(beta * b)) / (alpha + beta);
        Traced optimal = Traced.Max(Traced.Exp(beta / alpha * (Math.Log(unique) + logG) + logG), 1e-200);
        Traced effectiveN = Saturate(optimal.Value < input.Params ? optimal : input.Params, input.Params, p[6]),
            effectiveD = Saturate(unique, input.Tokens, p[5]);
        return a * Traced.Exp(-alpha * Traced.Log(effectiveN)) + b * Traced.Exp(-beta * Traced.Log(effectiveD)) + p[4];
    }

    /// <summary>U·(1 + R*·(1 − e^{−R/R*})) with R = total/U − 1.</summary>
    private static Traced Saturate(Traced unique, double total, Traced rate)
    {
        Traced repeats = Traced.Max(total / unique - 1, 0);
        return unique * (1 + rate * (1 - Traced.Exp(-repeats / rate)));
    }
}
