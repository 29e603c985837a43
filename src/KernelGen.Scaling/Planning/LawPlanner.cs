namespace KernelGen.Scaling;

/// <summary>
/// Decisions from a fitted law. Compute is C = 6·N·D FLOP (Kaplan et al. 2020). Everything but the effective parameters works for any
/// law that falls in N and in D, by one-dimensional searches on the law itself.
/// </summary>
public sealed class LawPlanner
{
    /// <summary>FLOP per parameter and token of training, forward and backward.</summary>
    public const double FlopPerParameterToken = 6;

    private const double SmallestSize = 1e3,
        LargestSize = 1e18;

    private readonly double[] _values;

    /// <summary>A planner.</summary>
    /// <param name="fit">The fitted law.</param>
    public LawPlanner(FitDocument fit)
    {
        Fit = fit;
        _values = fit.Values;
    }

    /// <summary>The fitted law.</summary>
    public FitDocument Fit { get; }

    /// <summary>The loss for an input, with an interval from the bootstrap draws.</summary>
    /// <param name="input">Sizes and representations.</param>
    /// <exception cref="KeyNotFoundException">The law has no capacity for a representation.</exception>
    public LossForecast Predict(LawInput input)
    {
        double loss = Loss(input);
        (double low, double high) = Percentiles.Interval(
            [.. Fit.Draws.Select(draw => Fit.Law.Predict(input, draw, []))],
            Fit.DrawLevel,
            loss
        );
        return new(input, loss, low, high);
    }

    /// <summary>The sizes that reach the least loss for a compute budget.</summary>
    /// <param name="flop">Training compute C, FLOP.</param>
    /// <param name="like">Representations and further columns; its sizes are ignored.</param>
    public ComputeOptimum ComputeOptimal(double flop, LawInput like)
    {
        double parameters = OptimalParams(flop, like, _values),
            tokens = flop / FlopPerParameterToken / parameters;
        (double low, double high) = Percentiles.Interval(
            [.. Fit.Draws.Select(draw => OptimalParams(flop, like, draw))],
            Fit.DrawLevel,
            parameters
        );
        return new(flop, parameters, low, high, tokens, Predict(like.At(parameters, tokens)));
    }

    /// <summary>Loss along the sizes that cost the same compute.</summary>
    /// <param name="flop">Training compute C, FLOP.</param>
    /// <param name="like">Representations and further columns.</param>
    /// <param name="parameters">Sizes N to look at.</param>
    public IReadOnlyList<LossForecast> IsoFlop(double flop, LawInput like, IEnumerable<double> parameters) =>
        [.. parameters.Select(n => Predict(like.At(n, flop / FlopPerParameterToken / n)))];

    /// <summary>Sizes and tokens that reach the same loss; sizes too small to reach it are left out.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="like">Representations and further columns.</param>
    /// <param name="parameters">Sizes N to look at.</param>
    public IReadOnlyList<(double Params, double Tokens)> IsoLoss(double loss, LawInput like, IEnumerable<double> parameters) =>
        [
            .. parameters
                .Select(n => (n, tokens: SolveFalling(d => Loss(like.At(n, d)), loss)))
                .Where(point => point.tokens is not null)
                .Select(point => (point.n, point.tokens!.Value)),
        ];

    /// <summary>The least compute that reaches a loss.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="like">Representations and further columns; its sizes are ignored.</param>
    /// <returns>Null if no size reaches it.</returns>
    public ComputeOptimum? CheapestFor(double loss, LawInput like)
    {
        double LossAt(double flop)
        {
            double n = OptimalParams(flop, like, _values);
            return Loss(like.At(n, flop / FlopPerParameterToken / n));
        }
        return SolveFalling(LossAt, loss, 10 * FlopPerParameterToken * SmallestSize * SmallestSize, LargestSize * LargestSize) is { } flop
            ? ComputeOptimal(flop, like)
            : null;
    }

    /// <summary>Parameters of the dense model that reaches the same loss with the same tokens: <c>N·ρ</c> where a law has a ρ.</summary>
    /// <param name="input">A compressed model.</param>
    /// <returns>Null if no size does.</returns>
    public double? DenseEquivalent(LawInput input)
    {
        if (Fit.Law is EffectiveParameterLaw law and not PrecisionLaw)
        {
            return input.Params * law.Capacity(input, _values);
        }
        LawInput dense = input.In(RepresentationPoint.Dense);
        return SolveFalling(n => Loss(dense.At(n, input.Tokens)), Loss(input));
    }

    /// <summary>Tokens the compressed model needs for the loss of the dense one of its size.</summary>
    /// <param name="input">A compressed model; its tokens are those of the dense one.</param>
    /// <returns>Null if no number of tokens is enough.</returns>
    public double? TokensToRecover(LawInput input) =>
        SolveFalling(d => Loss(input.At(input.Params, d)), Loss(input.In(RepresentationPoint.Dense)));

    /// <summary>Parameters the compressed model needs for the loss of the dense one with the same tokens.</summary>
    /// <param name="input">A compressed model; its parameters are those of the dense one.</param>
    /// <returns>Null if no size is enough.</returns>
    public double? ParamsToRecover(LawInput input) =>
        SolveFalling(n => Loss(input.At(n, input.Tokens)), Loss(input.In(RepresentationPoint.Dense)));

    /// <summary>What each representation makes of the same memory: as many parameters as fit, trained on the same tokens.</summary>
    /// <param name="bytes">Memory for the weights.</param>
    /// <param name="tokens">Training tokens D.</param>
    /// <param name="candidates">Representations of weights, and of activations where compressed.</param>
    /// <param name="speeds">Measured weights per second of a matvec by name of the weights' format; may be empty.</param>
    /// <returns>One row per candidate, least loss first.</returns>
    public IReadOnlyList<MemoryPlanRow> EqualMemory(
        double bytes,
        double tokens,
        IEnumerable<(RepresentationPoint Weights, RepresentationPoint? Activations)> candidates,
        IReadOnlyDictionary<string, double>? speeds = null
    ) =>
        [
            .. candidates
                .Select(candidate =>
                {
                    if (!(candidate.Weights.Bits > 0))
                    {
                        throw new ArgumentException(
                            $"{candidate.Weights.Name} has no bits, so no memory holds a number of it.",
                            nameof(candidates)
                        );
                    }
                    double parameters = 8 * bytes / candidate.Weights.Bits;
                    var input = new LawInput(parameters, tokens, candidate.Weights, candidate.Activations);
                    double? seconds =
                        speeds is not null && speeds.TryGetValue(candidate.Weights.Name, out double rate) ? parameters / rate : null;
                    return new MemoryPlanRow(
                        candidate.Weights,
                        input.Activations,
                        bytes,
                        parameters,
                        DenseEquivalent(input),
                        Predict(input),
                        seconds
                    );
                })
                .OrderBy(row => row.Forecast.Loss),
        ];

    /// <summary>The same for one number of parameters: bytes, loss and time per token of each representation.</summary>
    /// <param name="parameters">Parameters N.</param>
    /// <param name="tokens">Training tokens D.</param>
    /// <param name="candidates">Representations of weights, and of activations where compressed.</param>
    /// <param name="speeds">Measured weights per second of a matvec by name of the weights' format; may be empty.</param>
    public IReadOnlyList<MemoryPlanRow> EqualParams(
        double parameters,
        double tokens,
        IEnumerable<(RepresentationPoint Weights, RepresentationPoint? Activations)> candidates,
        IReadOnlyDictionary<string, double>? speeds = null
    ) =>
        [
            .. candidates
                .SelectMany(candidate => EqualMemory(parameters * candidate.Weights.Bits / 8, tokens, [candidate], speeds))
                .OrderBy(row => row.Forecast.Loss),
        ];

    private double Loss(LawInput input) => Fit.Law.Predict(input, _values, []);

    private double OptimalParams(double flop, LawInput like, double[] values)
    {
        double LossAt(double logN) => Fit.Law.Predict(like.At(Math.Exp(logN), flop / FlopPerParameterToken / Math.Exp(logN)), values, []);
        double low = Math.Log(SmallestSize),
            high = Math.Log(flop / FlopPerParameterToken / SmallestSize),
            golden = (Math.Sqrt(5) - 1) / 2;
        if (!(high > low))
        {
            throw new ArgumentOutOfRangeException(nameof(flop), flop, "The budget is too small for any model.");
        }
        for (int i = 0; i < 100 && high - low > 1e-10; i++)
        {
            double a = high - golden * (high - low),
                b = low + golden * (high - low);
            if (LossAt(a) < LossAt(b))
            {
                high = b;
            }
            else
            {
                low = a;
            }
        }
        return Math.Exp(0.5 * (low + high));
    }

    /// <summary>Where a falling function of a size reaches a value, by bisection of the logarithm; null if it never does.</summary>
    private static double? SolveFalling(
        Func<double, double> loss,
        double target,
        double smallest = SmallestSize,
        double largest = LargestSize
    )
    {
        double low = Math.Log(smallest),
            high = Math.Log(largest);
        if (loss(largest) > target)
        {
            return null;
        }
        if (loss(smallest) <= target)
        {
            return smallest;
        }
        for (int i = 0; i < 200 && high - low > 1e-13 * high; i++)
        {
            double middle = 0.5 * (low + high);
            if (loss(Math.Exp(middle)) > target)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }
        return Math.Exp(high);
    }
}
