namespace KernelGen.Scaling;

/// <summary>Several laws on the same runs.</summary>
public static class ModelComparison
{
    /// <summary>Fits every law to all runs and to all but the largest.</summary>
    /// <param name="laws">Label and maker of each law.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="options">How to fit; the bootstrap is left out.</param>
    /// <returns>One row per law, in the given order.</returns>
    public static IReadOnlyList<ModelComparisonRow> Compare(
        IReadOnlyList<(string Label, Func<IEnumerable<LawInput>, IScalingLaw> Create)> laws,
        IReadOnlyList<TrainingRun> runs,
        FitOptions options
    ) =>
        [
            .. laws.Select(law =>
            {
                options.Cancellation.ThrowIfCancellationRequested();
                FittedLaw fit = LawFit.Run(law.Create(runs.Select(run => run.Input)), runs, options with { Bootstrap = 0 });
                LeaveLargestOut? extrapolation = null;
                try
                {
                    extrapolation = LeaveLargestOut.Run(law.Create, runs, options);
                }
                catch (FitException)
                {
                    // Too few runs, or only one size, are left without the largest.
                }
                return new ModelComparisonRow(law.Label, fit, extrapolation);
            }),
        ];

    /// <summary>
    /// Chooses among ways of fitting without a look at the largest runs: each is fitted to all sizes below the second largest and
    /// judged by its errors there.
    /// </summary>
    /// <param name="ways">Label, maker of the law, and options of each way.</param>
    /// <param name="runs">Runs of at least three sizes.</param>
    /// <returns>Index of the way with the least root mean square, and that error for each.</returns>
    public static (int Best, IReadOnlyList<double> Rms) ChooseOnSmallSizes(
        IReadOnlyList<(string Label, Func<IEnumerable<LawInput>, IScalingLaw> Create, FitOptions Options)> ways,
        IReadOnlyList<TrainingRun> runs
    )
    {
        double[] sizes = [.. runs.Select(run => run.Input.Params).Distinct().OrderDescending()];
        if (sizes.Length < 3)
        {
            throw new FitException($"Choosing on small sizes takes runs of at least three sizes; there are {sizes.Length}.");
        }
        double[] rms = [.. ways.Select(way => LeaveLargestOut.At(sizes[1], way.Create, runs, way.Options).Rms)];
        return (Array.IndexOf(rms, rms.Min()), rms);
    }
}
