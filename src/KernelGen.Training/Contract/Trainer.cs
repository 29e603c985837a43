using System.Diagnostics;

namespace KernelGen.Training;

/// <summary>Trains one model.</summary>
public static class Trainer
{
    /// <summary>Points of the training curve.</summary>
    private const int CurvePoints = 32;

    /// <summary>Time between reports of progress.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Trains a model from its initial weights and scores it on held-out text.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="formats">Where the formats in the expressions come from.</param>
    /// <param name="threads">Threads, 0 for all processors. The result does not depend on it.</param>
    /// <param name="progress">Hears of the run a few times a second.</param>
    /// <param name="checkpoint">Where to write the trained weights, as they are held, as safetensors; null for nowhere. An existing file is replaced.</param>
    /// <param name="cancel">Stops between steps.</param>
    /// <exception cref="ArgumentException">A field of the run is wrong; the message names it, what it is and what it may be.</exception>
    /// <exception cref="FormatException">An expression is no representation; the message names the nearest formats.</exception>
    /// <exception cref="TrainingDivergedException">The loss is no number any more.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TrainingOutcome Run(
        TrainingSpec spec,
        FormatCatalog formats,
        int threads = 0,
        IProgress<TrainingProgress>? progress = null,
        string? checkpoint = null,
        CancellationToken cancel = default
    )
    {
        var clock = Stopwatch.StartNew();
        var session = new TrainingSession(spec, formats, threads);
        List<LossPoint> curve = [];
        double sum = 0;
        long since = 0,
            total = spec.Steps * spec.BatchTokens;
        TimeSpan reported = TimeSpan.Zero;
        while (session.StepsTaken < spec.Steps)
        {
            cancel.ThrowIfCancellationRequested();
            double loss = session.Step();
            long steps = session.StepsTaken,
                tokens = steps * spec.BatchTokens;
            (sum, since) = (sum + loss, since + 1);
            if (steps * CurvePoints / spec.Steps > (steps - 1) * CurvePoints / spec.Steps)
            {
                curve.Add(new(tokens, sum / since));
                (sum, since) = (0, 0);
            }
            if (progress is not null && (clock.Elapsed - reported > ReportInterval || steps == spec.Steps))
            {
                reported = clock.Elapsed;
                progress.Report(new(tokens, total, loss, tokens / reported.TotalSeconds));
            }
        }
        double[] losses = session.Evaluate(cancel);
        double mean = losses.Average(),
            variance = losses.Sum(loss => (loss - mean) * (loss - mean)) / (losses.Length - 1);
        double? entropy = session.Data.Entropy;
        if (checkpoint is not null)
        {
            Checkpoint.Write(checkpoint, spec, session, cancel);
        }
        return new(
            spec.Parameters,
            total,
            (entropy ?? 0) + mean,
            Math.Sqrt(variance / losses.Length),
            entropy,
            clock.Elapsed.TotalSeconds,
            curve
        );
    }
}
