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
    public override double Predict(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        gradient.Clear();
        double a = parameters[0],
            b = parameters[1],
            alpha = parameters[2],
            beta = parameters[3];
        double unique = Math.Min(input.Get("unique_tokens", input.Tokens / input.Get("epochs", 1)), input.Tokens),
            logUnique = Math.Log(unique);

        // Parameters that suit the unique tokens, N_opt(U) = (U·G)^(β/α)·G with G = (αA/(βB))^(1/(α+β)).
        double logG = (Math.Log(alpha * a) - Math.Log(beta * b)) / (alpha + beta),
            q = beta / alpha;
        double optimal = Math.Max(1e-200, Math.Exp(q * (logUnique + logG) + logG));
        bool excess = optimal < input.Params;
        double uniqueParams = excess ? optimal : input.Params;
        double effectiveN = Saturate(uniqueParams, input.Params, parameters[6], out double byBase, out double byRate);
        double effectiveD = Saturate(unique, input.Tokens, parameters[5], out _, out double byRateD);
        double termN = a * Math.Exp(-alpha * Math.Log(effectiveN)),
            termD = b * Math.Exp(-beta * Math.Log(effectiveD));
        if (!gradient.IsEmpty)
        {
            gradient[0] = termN / a;
            gradient[1] = termD / b;
            gradient[2] = -termN * Math.Log(effectiveN);
            gradient[3] = -termD * Math.Log(effectiveD);
            gradient[4] = 1;
            gradient[5] = -beta * termD / effectiveD * byRateD;
            double slope = -alpha * termN / effectiveN;
            gradient[6] = slope * byRate;
            if (excess)
            {
                // Through N_opt: d ln N_opt = (q + 1)·d ln G + (ln U + ln G)·dq.
                double through = slope * byBase * optimal,
                    perG = through * (q + 1) / (alpha + beta),
                    perQ = through * (logUnique + logG);
                gradient[0] += perG / a;
                gradient[1] -= perG / b;
                gradient[2] += perG * (1 / alpha - logG) - perQ * q / alpha;
                gradient[3] += perG * (-1 / beta - logG) + perQ / alpha;
            }
        }
        return termN + termD + parameters[4];
    }

    /// <summary>U·(1 + R*·(1 − e^{−R/R*})) with R = total/U − 1, and its derivatives by U and by R*.</summary>
    private static double Saturate(double unique, double total, double rate, out double byUnique, out double byRate)
    {
        double repeats = Math.Max(total / unique - 1, 0),
            left = Math.Exp(-repeats / rate);
        byUnique = 1 + rate * (1 - left) - left * (repeats > 0 ? total / unique : 0);
        byRate = unique * (1 - left - left * repeats / rate);
        return unique * (1 + rate * (1 - left));
    }
}
