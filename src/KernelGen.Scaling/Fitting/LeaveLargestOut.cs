namespace KernelGen.Scaling;

/// <summary>
/// Extrapolation by size: fits on the runs below a number of parameters and predicts those of that size, as one does when a large
/// model is planned from small ones.
/// </summary>
/// <param name="Fit">The fit to the smaller runs.</param>
/// <param name="HeldOut">The runs predicted.</param>
/// <param name="Errors">Predicted minus observed loss, in the unit of the loss; NaN where the fit knows nothing of the representation.</param>
public sealed record LeaveLargestOut(FittedLaw Fit, IReadOnlyList<TrainingRun> HeldOut, IReadOnlyList<double> Errors)
{
    /// <summary>Root mean square of the errors of the runs that could be predicted.</summary>
    public double Rms => Math.Sqrt(Predicted.Average(e => e * e));

    /// <summary>The largest of them.</summary>
    public double Max => Predicted.Max(Math.Abs);

    /// <summary>How many runs the fit could not predict.</summary>
    public int Unpredicted => Errors.Count(double.IsNaN);

    private IEnumerable<double> Predicted => Errors.Where(e => !double.IsNaN(e)).DefaultIfEmpty(double.NaN);

    /// <summary>Holds out the runs of the largest size.</summary>
    /// <param name="law">Makes the law from the inputs it will be fitted to.</param>
    /// <param name="runs">The runs, of at least two sizes.</param>
    /// <param name="options">How to fit; the bootstrap is left out.</param>
    /// <exception cref="FitException">All runs have one size, or too few are left.</exception>
    public static LeaveLargestOut Run(Func<IEnumerable<LawInput>, IScalingLaw> law, IReadOnlyList<TrainingRun> runs, FitOptions options) =>
        runs.Count > 0
            ? At(runs.Max(run => run.Input.Params), law, runs, options)
            : throw new FitException("there are no runs that a law is fitted to.");

    /// <summary>Holds out the runs of one size and ignores larger ones.</summary>
    /// <param name="size">Parameters of the runs held out.</param>
    /// <param name="law">Makes the law from the inputs it will be fitted to.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="options">How to fit; the bootstrap is left out.</param>
    /// <exception cref="FitException">There are no runs of that size, or too few below it.</exception>
    public static LeaveLargestOut At(
        double size,
        Func<IEnumerable<LawInput>, IScalingLaw> law,
        IReadOnlyList<TrainingRun> runs,
        FitOptions options
    )
    {
        TrainingRun[] train = [.. runs.Where(run => run.Input.Params < size)],
            test = [.. runs.Where(run => run.Input.Params == size)];
        if (train.Length == 0 || test.Length == 0)
        {
            throw new FitException("Leaving the largest out takes runs of at least two sizes.");
        }
        FittedLaw fit = LawFit.Run(law(train.Select(run => run.Input)), train, options with { Bootstrap = 0 });
        return new(fit, test, [.. test.Select(run => Error(fit, run))]);
    }

    /// <summary>Error for one run; NaN if the law has no capacity for its representation.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="run">The run.</param>
    public static double Error(FittedLaw fit, TrainingRun run)
    {
        try
        {
            return fit.Predict(run.Input) - run.Loss;
        }
        catch (KeyNotFoundException)
        {
            return double.NaN;
        }
    }
}
