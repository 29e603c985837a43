namespace KernelGen.Scaling;

/// <summary>
/// Fits laws: the sum of Huber losses of log residuals is minimised from many starts, then the runs are resampled for intervals.
/// The settings follow Hoffmann et al. 2022 (Huber, δ = 1e-3); the sum, not the mean, is minimised and convergence is judged relative
/// to it, so that small losses do not look flat.
/// </summary>
public static class LawFit
{
    /// <summary>Rounds of a first descent; the best ones go on.</summary>
    private const int FirstRounds = 6,
        LastRounds = 60,
        ResampleRounds = 12,
        Finalists = 4;

    /// <summary>Fits a law to runs.</summary>
    /// <param name="law">The law.</param>
    /// <param name="runs">The runs; more of them than free parameters.</param>
    /// <param name="options">How to fit.</param>
    /// <exception cref="FitException">The law cannot be fitted to these runs.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled.</exception>
    public static FittedLaw Run(IScalingLaw law, IReadOnlyList<TrainingRun> runs, FitOptions? options = null)
    {
        options ??= new();
        var problem = Prepare(law, runs, options);
        DescentResult best = MultiStart(problem, options);
        if (law.Parameters.Any(parameter => parameter.Held && options.Free.Contains(parameter.Name)))
        {
            // What the law holds by default must not fit better held than free: start from the held fit too.
            FitProblem held = Prepare(law, runs, options with { Free = new HashSet<string>() });
            double[] start = problem.Contract(held.Expand(MultiStart(held, options).Theta));
            DescentResult from = Descent.Minimise(problem, start, problem.BaseWeights, LastRounds);
            best = from.Value < best.Value ? from : best;
        }
        return Finish(problem, best, options);
    }

    /// <summary>Fits from a known point only: quick where a similar fit was just made.</summary>
    internal static FittedLaw Refit(IScalingLaw law, IReadOnlyList<TrainingRun> runs, IReadOnlyList<double> start, FitOptions options)
    {
        var problem = Prepare(law, runs, options);
        return Finish(problem, Descent.Minimise(problem, problem.Contract(start), problem.BaseWeights, LastRounds), options);
    }

    private static FitProblem Prepare(IScalingLaw law, IReadOnlyList<TrainingRun> runs, FitOptions options)
    {
        if (runs.Count == 0)
        {
            throw new FitException("There are no runs to fit to.");
        }
        var problem = new FitProblem(law, runs, options);
        if (problem.Free.Length == 0)
        {
            throw new FitException($"No parameter of {law.Name} is free.");
        }
        if (runs.Count <= problem.Free.Length)
        {
            throw new FitException(
                $"{law.Name} has {problem.Free.Length} free parameters and there {(runs.Count == 1 ? "is 1 run" : $"are {runs.Count} runs")}; it takes more runs than parameters."
            );
        }
        Identifiability.Check(problem, options.Seed);
        return problem;
    }

    private static DescentResult MultiStart(FitProblem problem, FitOptions options)
    {
        int n = problem.Free.Length,
            done = 0;
        var random = new Random(options.Seed);
        var candidates = new double[Math.Max(1, options.Candidates)][];
        for (int i = 0; i < candidates.Length; i++)
        {
            candidates[i] = new double[n];
            for (int k = 0; k < n; k++)
            {
                candidates[i][k] = problem.StartLow[k] + random.NextDouble() * (problem.StartHigh[k] - problem.StartLow[k]);
            }
        }
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, options.Threads),
            CancellationToken = options.Cancellation,
        };
        var values = new double[candidates.Length];
        Parallel.For(0, candidates.Length, parallel, i => values[i] = problem.Evaluate(candidates[i], problem.BaseWeights, [], []));

        // The best half of the starts by objective, the rest as drawn: the best candidates may share one valley.
        int descents = Math.Min(Math.Max(1, options.Descents), candidates.Length);
        int[] order = [.. Enumerable.Range(0, candidates.Length).OrderBy(i => values[i]).ThenBy(i => i)];
        int[] chosen = [.. order.Take((descents + 1) / 2), .. order.Skip((descents + 1) / 2).OrderBy(i => i).Take(descents / 2)];
        var results = new DescentResult[chosen.Length];
        Parallel.For(0, chosen.Length, parallel, i =>
        {
            results[i] = Descent.Minimise(problem, candidates[chosen[i]], problem.BaseWeights, FirstRounds);
            options.Progress?.Report(new("starts", Interlocked.Increment(ref done), chosen.Length));
        });
        return results
            .Select((result, i) => (result, i))
            .OrderBy(r => r.result.Value)
            .ThenBy(r => r.i)
            .Take(Finalists)
            .Select(r => Descent.Minimise(problem, r.result.Theta, problem.BaseWeights, LastRounds))
            .MinBy(result => result.Value)!;
    }

    private static FittedLaw Finish(FitProblem problem, DescentResult best, FitOptions options)
    {
        double[] values = problem.Expand(best.Theta);
        double[][] draws = Resample(problem, best, options);
        double level = Percentiles.Expanded(options.Level, problem.Runs.Count, problem.Free.Length);
        var statuses = new Dictionary<int, ParameterStatus>();
        for (int k = 0; k < problem.Free.Length; k++)
        {
            statuses[problem.Free[k]] =
                best.Theta[k] <= problem.Lower[k] ? ParameterStatus.AtLowerBound
                : best.Theta[k] >= problem.Upper[k] ? ParameterStatus.AtUpperBound
                : ParameterStatus.Fitted;
        }
        ParameterEstimate[] estimates =
        [
            .. problem.Law.Parameters.Select(
                (parameter, i) =>
                {
                    double[] column = [.. draws.Select(draw => draw[i])];
                    (double low, double high) = Percentiles.Interval(column, level, values[i]);
                    return new ParameterEstimate(
                        parameter.Name,
                        values[i],
                        low,
                        high,
                        column.Distinct().Take(2).Count() < 2 ? 0 : Percentiles.StandardDeviation(column), // not the rounding of its mean
                        statuses.GetValueOrDefault(i, ParameterStatus.Held)
                    );
                }
            ),
        ];
        return new(problem, values, best.Value, best.Converged, estimates, draws, level, options);
    }

    private static double[][] Resample(FitProblem problem, DescentResult best, FitOptions options)
    {
        int runs = problem.Runs.Count,
            done = 0;
        int[][] alike = Alike(problem.Runs, options);
        var draws = new double[Math.Max(0, options.Bootstrap)][];
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, options.Threads),
            CancellationToken = options.Cancellation,
        };
        Parallel.For(0, draws.Length, parallel, i =>
        {
            // Each resample has a generator of its own, so the order of threads does not matter.
            var random = new Random(unchecked(options.Seed * 1_000_003 + 7919 * (i + 1)));
            var weights = new double[runs];
            for (int k = 0; k < runs; k++)
            {
                int run = alike[k][random.Next(alike[k].Length)];
                weights[run] += problem.BaseWeights[run];
            }
            draws[i] = problem.Expand(Descent.Minimise(problem, best.Theta, weights, ResampleRounds, 60).Theta);
            int count = Interlocked.Increment(ref done);
            if (count % 50 == 0 || count == draws.Length)
            {
                options.Progress?.Report(new("bootstrap", count, draws.Length));
            }
        });
        return draws;
    }

    /// <summary>For each run, the runs that may stand in its place in a resample.</summary>
    private static int[][] Alike(IReadOnlyList<TrainingRun> runs, FitOptions options)
    {
        object Stratum(int run) => options.Stratum?.Invoke(runs[run]) ?? "";
        Dictionary<object, int[]> strata = Enumerable
            .Range(0, runs.Count)
            .GroupBy(Stratum)
            .ToDictionary(stratum => stratum.Key, stratum => stratum.ToArray());
        return [.. Enumerable.Range(0, runs.Count).Select(run => strata[Stratum(run)])];
    }
}
