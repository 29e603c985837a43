using System.Globalization;

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

    private readonly CapacityLender? _lender;

    /// <summary>A planner.</summary>
    /// <param name="fit">The fitted law.</param>
    /// <param name="lender">Capacities of representations that the law does not know; null for none.</param>
    public LawPlanner(FitDocument fit, CapacityLender? lender = null)
    {
        Fit = fit;
        _values = fit.Values;
        _lender = lender;
    }

    /// <summary>The fitted law.</summary>
    public FitDocument Fit { get; }

    /// <summary>The loss for an input, with an interval from the bootstrap draws.</summary>
    /// <param name="input">Sizes and representations.</param>
    /// <exception cref="FitException">Neither the law nor the lender has a capacity for a representation, or the law lacks a column.</exception>
    public LossForecast Predict(LawInput input)
    {
        LawInput known = Known(input);
        double loss = Fit.Law.Predict(known, _values, []);
        if (!double.IsFinite(loss))
        {
            throw new FitException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Fit.Law.Name} ({Fit.Law.Formula}) has no value at N = {input.Params:G4}, D = {input.Tokens:G4}, {input.Weights.Name}"
                ) + string.Concat(input.Columns.Select(c => FormattableString.Invariant($", {c.Key} = {c.Value:G4}")))
            );
        }
        (double low, double high) = Percentiles.Interval(
            [.. Fit.Draws.Select(draw => Fit.Law.Predict(known, draw, []))],
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
        RequireColumns(like);
        double PerParameter(double n) => Fit.Law.ActiveParams(like.At(n, 1)) / n;
        double most = flop / FlopPerParameterToken / SmallestSize / PerParameter(1);
        (double parameters, double low, double high) = OptimalParams(
            like,
            n => flop / FlopPerParameterToken / (n * PerParameter(n)),
            most,
            double.PositiveInfinity
        );
        double tokens = flop / FlopPerParameterToken / (parameters * PerParameter(parameters));
        return new(flop, parameters, low, high, tokens, Predict(like.At(parameters, tokens)));
    }

    /// <summary>Loss along the sizes that cost the same compute.</summary>
    /// <param name="flop">Training compute C, FLOP.</param>
    /// <param name="like">Representations and further columns.</param>
    /// <param name="parameters">Sizes N to look at.</param>
    public IReadOnlyList<LossForecast> IsoFlop(double flop, LawInput like, IEnumerable<double> parameters) =>
        [.. parameters.Select(n => Predict(like.At(n, flop / FlopPerParameterToken / Fit.Law.ActiveParams(like.At(n, 1)))))];

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
        double LossAt(double flop) => ComputeOptimal(flop, like).Forecast.Loss;
        return SolveFalling(LossAt, loss, 10 * FlopPerParameterToken * SmallestSize * SmallestSize, LargestSize * LargestSize) is { } flop
            ? ComputeOptimal(flop, like)
            : null;
    }

    /// <summary>Parameters of the dense model that reaches the same loss with the same tokens: <c>N·ρ</c> where a law has a ρ.</summary>
    /// <param name="input">A compressed model.</param>
    /// <returns>Null if no size does, or the law predicts no loss.</returns>
    public double? DenseEquivalent(LawInput input)
    {
        if (!Fit.Law.PredictsLoss)
        {
            return null;
        }
        LawInput known = Known(input),
            dense = known.In(RepresentationPoint.Dense);
        if (Fit.Law is EffectiveParameterLaw law and not PrecisionLaw)
        {
            return known.Params * law.Capacity(known, _values);
        }
        double loss = Loss(known);
        return loss == Loss(dense) ? known.Params : SolveFalling(n => Loss(dense.At(n, input.Tokens)), loss);
    }

    /// <summary>Tokens the compressed model needs for the loss of the dense one of its size.</summary>
    /// <param name="input">A compressed model; its tokens are those of the dense one.</param>
    /// <returns>Null if no number of tokens is enough, or the law predicts no loss or reads no tokens.</returns>
    public double? TokensToRecover(LawInput input)
    {
        if (!Fit.Law.PredictsLoss)
        {
            return null;
        }
        double dense = Loss(input.In(RepresentationPoint.Dense));
        return Loss(input) == dense ? input.Tokens : SolveFalling(d => Loss(input.At(input.Params, d)), dense);
    }

    /// <summary>Parameters the compressed model needs for the loss of the dense one with the same tokens.</summary>
    /// <param name="input">A compressed model; its parameters are those of the dense one.</param>
    /// <returns>Null if no size is enough.</returns>
    public double? ParamsToRecover(LawInput input) =>
        SolveFalling(n => Loss(input.At(n, input.Tokens)), Loss(input.In(RepresentationPoint.Dense)));

    /// <summary>The borrowed curves of an input in words; empty if the law knows all of it.</summary>
    /// <param name="input">Representations.</param>
    public string Borrowed(LawInput input) =>
        string.Join("; ", Unknown(input).Select(part => $"{Parts[part]}: {Lend(input.Part(part), part).Curve}"));

    /// <summary>ρ of the borrowed curves of an input; 1 if the law knows all of it.</summary>
    /// <param name="input">Representations.</param>
    public double BorrowedCapacity(LawInput input) =>
        Unknown(input).Aggregate(1.0, (product, part) => product * Lend(input.Part(part), part).Capacity);

    /// <summary>The size of least loss, and its interval over the bootstrap, where each size has its tokens.</summary>
    internal (double Params, double Low, double High) OptimalParams(LawInput like, Func<double, double> tokens, double most, double cap)
    {
        double low = Math.Log(SmallestSize),
            high = Math.Log(Math.Min(most, cap));
        if (!(high > low))
        {
            throw new FitException("The budget is too small for any model.");
        }
        double Best(double[] values) =>
            Math.Exp(ScalarMinimum.Of(log => Fit.Law.Predict(Known(like.At(Math.Exp(log), tokens(Math.Exp(log)))), values, []), low, high));
        double best = Best(_values);
        (double from, double to) = Percentiles.Interval([.. Fit.Draws.Select(Best)], Fit.DrawLevel, best);
        return (best, from, to);
    }

    private static readonly string[] Parts = ["weights", "activations", "kv"];

    private IEnumerable<int> Unknown(LawInput input) =>
        Enumerable.Range(0, Parts.Length).Where(part => !Fit.Law.Knows(input, part) && !input.Part(part).IsDense);

    private (double Capacity, string Curve) Lend(RepresentationPoint point, int part) =>
        _lender?.Lend(point, part)
        ?? throw new FitException(
            $"{Fit.Law.Name} has no capacity for {point.Name} (family {point.Family}) in {Parts[part]}"
                + (_lender is null ? "" : $", nor has {_lender.Source}")
                + ". Fit runs that have it, or say --borrow published, or --borrow FILE.json with a unified fit that has it."
        );

    /// <summary>Makes sure that an input has what the law reads.</summary>
    /// <exception cref="FitException">A column is missing.</exception>
    internal void RequireColumns(LawInput input)
    {
        if (Fit.Law.Columns.FirstOrDefault(column => !column.Optional && !input.Columns.ContainsKey(column.Name)) is { } missing)
        {
            throw new FitException($"{Fit.Law.Name} needs {missing.Name} ({missing.Meaning}). Say --set {missing.Name}=NUMBER.");
        }
    }

    /// <summary>The input as the law can read it: parts it does not know become dense, and their borrowed capacity shrinks the model.</summary>
    private LawInput Known(LawInput input)
    {
        RequireColumns(input);
        int[] unknown = [.. Unknown(input)];
        if (unknown.Length == 0)
        {
            return input;
        }
        RepresentationPoint Kept(int part) => unknown.Contains(part) ? RepresentationPoint.Dense : input.Part(part);
        return input.In(Kept(0), Kept(1), Kept(2)).At(input.Params * BorrowedCapacity(input), input.Tokens);
    }

    private double Loss(LawInput input) => Fit.Law.Predict(Known(input), _values, []);

    /// <summary>Where a falling function of a size reaches a value, by bisection of the logarithm; null if it never does.</summary>
    internal static double? SolveFalling(
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
