namespace KernelGen.Scaling;

/// <summary>Sizes candidates (representations of weights, activations and KV cache, with further columns such as experts) to a budget.</summary>
/// <param name="planner">The law.</param>
/// <param name="request">The budget.</param>
public sealed class BudgetPlanner(LawPlanner planner, PlanRequest request)
{
    private const double SmallestSize = 1e3,
        LargestSize = 1e18;

    /// <summary>FLOP per active parameter and token of inference: forward only.</summary>
    public const double FlopPerInferenceToken = 2;

    private ModelShape Shape => request.Shape;

    /// <summary>One row per candidate, least loss first.</summary>
    /// <param name="candidates">Representations and columns; their sizes are ignored.</param>
    /// <exception cref="FitException">A candidate fits no budget.</exception>
    public IReadOnlyList<PlanRow> Rows(IEnumerable<LawInput> candidates) => [.. candidates.Select(Row).OrderBy(row => row.Forecast.Loss)];

    private PlanRow Row(LawInput candidate)
    {
        if (!(candidate.Weights.Bits > 0))
        {
            throw new FitException($"{candidate.Weights.Name} has no bits, so no memory holds a number of it.");
        }
        planner.RequireColumns(candidate);
        double n,
            low,
            high;
        if (request.Compute is { } flop)
        {
            double most = request.Memory is { } cap ? Fitting(candidate, cap) : double.PositiveInfinity;
            (n, low, high) = planner.OptimalParams(candidate, size => TokensFor(flop, candidate, size), MostParams(flop, candidate), most);
        }
        else
        {
            n = low = high = request.Params ?? Fitting(candidate, request.Memory!.Value);
        }
        double tokens = request.Compute is { } budget ? TokensFor(budget, candidate, n) : request.Tokens!.Value;
        LawInput input = candidate.At(n, tokens);
        IScalingLaw law = planner.Fit.Law;
        double active = law.ActiveParams(input),
            total = law.TotalParams(input);
        double weights = total * input.Weights.Bits / 8,
            kv = Shape.KvBytes(active, input.KvCache.Bits),
            activations = Shape.ActivationBytes(active, input.Activations.Bits);
        return new(
            planner.Predict(input),
            total,
            active,
            weights,
            kv,
            activations,
            planner.DenseEquivalent(input),
            LawPlanner.FlopPerParameterToken * active * tokens,
            FlopPerInferenceToken * active * request.InferenceTokens,
            low,
            high,
            Seconds(input, active, total, kv),
            planner.Borrowed(input)
        );
    }

    /// <summary>
    /// A step reads the weights that the batch activates and the whole KV cache, and makes one token of each sequence.
    /// </summary>
    private double? Seconds(LawInput input, double active, double total, double kv) =>
        request.Bandwidth is { } bandwidth
            ? (WeightsRead(active, total, Shape.Batch) * input.Weights.Bits / 8 + kv) / bandwidth / Shape.Batch
        : request.Speeds.TryGetValue(input.Weights.Name, out double rate) ? active / rate
        : null;

    /// <summary>Weights that one step reads: each sequence may want other experts, so a batch reads up to all of them.</summary>
    internal static double WeightsRead(double active, double total, double batch) => Math.Min(total, active * batch);

    private double TokensFor(double flop, LawInput candidate, double n)
    {
        double active = planner.Fit.Law.ActiveParams(candidate.At(n, 1));
        return (flop - FlopPerInferenceToken * active * request.InferenceTokens) / (LawPlanner.FlopPerParameterToken * active);
    }

    /// <summary>The size at which a thousand training tokens are left of the budget.</summary>
    private double MostParams(double flop, LawInput candidate)
    {
        double perParameter = planner.Fit.Law.ActiveParams(candidate.At(1, 1));
        return flop / perParameter / (LawPlanner.FlopPerParameterToken * SmallestSize + FlopPerInferenceToken * request.InferenceTokens);
    }

    private double Fitting(LawInput candidate, double memory)
    {
        double Bytes(double n)
        {
            LawInput input = candidate.At(n, 1);
            double active = planner.Fit.Law.ActiveParams(input);
            return planner.Fit.Law.TotalParams(input) * input.Weights.Bits / 8
                + Shape.KvBytes(active, input.KvCache.Bits)
                + Shape.ActivationBytes(active, input.Activations.Bits);
        }
        if (Bytes(SmallestSize) > memory)
        {
            throw new FitException(
                FormattableString.Invariant(
                    $"{candidate.Weights.Name}: KV cache and activations alone take {Bytes(SmallestSize):G4} bytes of {memory:G4}"
                ) + "; ask for less context or batch, or a smaller KV format."
            );
        }
        return LawPlanner.SolveFalling(n => -Bytes(n), -memory, SmallestSize, LargestSize) ?? LargestSize;
    }
}
