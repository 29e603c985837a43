namespace KernelGen.Training;

/// <summary>Joins sweeps with the trainer.</summary>
public static class SweepTraining
{
    /// <summary>From this many parameters on, a model keeps several threads busy by itself; below, runs side by side are faster.</summary>
    private const long Large = 2_000_000;

    /// <summary>The trainer of a sweep.</summary>
    /// <param name="formats">Where the formats come from.</param>
    /// <param name="train">Trains; <see cref="Trainer.Run"/> if null.</param>
    public static SweepTrainer With(FormatCatalog formats, TrainRun? train = null) =>
        (run, threads, progress, cancellation) =>
        {
            TrainingOutcome outcome = (train ?? Trainer.Run)(
                TrainingJson.ReadSpec(run.Spec),
                formats,
                threads,
                new Share(progress),
                null,
                null,
                cancellation
            );
            // The time is no part of the outcome: two machines that agree must agree wholly. The database has it in a column of its own.
            return double.IsFinite(outcome.Loss)
                ? TrainingJson.Write(outcome with { Seconds = 0 })
                : throw new ArithmeticException("the loss is not finite: training diverged. A smaller learning rate may help.");
        };

    /// <summary>True for runs that should have all threads to themselves.</summary>
    /// <param name="run">The run.</param>
    public static bool IsLarge(SweepRun run) => TrainingJson.ReadSpec(run.Spec).Parameters >= Large;

    private sealed class Share(Action<double> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value.TotalTokens > 0 ? (double)value.Tokens / value.TotalTokens : 0);
    }
}
