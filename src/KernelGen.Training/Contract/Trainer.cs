using System.Diagnostics;

namespace KernelGen.Training;

/// <summary>Trains one model.</summary>
public static class Trainer
{
    /// <summary>Time between reports of progress, and between writings of the state.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(250),
        StateInterval = TimeSpan.FromMinutes(1);

    /// <summary>Trains a model from its initial weights and scores it on held-out text.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="formats">Where the formats in the expressions come from.</param>
    /// <param name="threads">Threads, 0 for all processors. The result does not depend on it.</param>
    /// <param name="progress">Hears of the run a few times a second.</param>
    /// <param name="checkpoint">Where to write the trained weights, as they are held, as safetensors; null for nowhere. An existing file is
    /// replaced.</param>
    /// <param name="state">
    /// Where the run is kept while it goes on: written every minute and when it is cancelled, removed when it has ended. If the file is
    /// there, the run goes on from it, and ends as if it had never been interrupted. Null for nowhere.
    /// </param>
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
        string? state = null,
        CancellationToken cancel = default
    )
    {
        var clock = Stopwatch.StartNew();
        var session = new TrainingSession(spec, formats, threads);
        var curve = new LossCurve(spec.Steps, spec.BatchTokens);
        if (state is not null && File.Exists(state))
        {
            TrainingState.Read(state, spec, session, curve);
        }
        Train(spec, session, curve, clock, progress, state, cancel);
        double[] losses = session.Evaluate(cancel);
        double mean = losses.Average(),
            variance = losses.Sum(loss => (loss - mean) * (loss - mean)) / (losses.Length - 1);
        double? entropy = session.Data.Entropy;
        if (checkpoint is not null)
        {
            Checkpoint.Write(checkpoint, spec, session, cancel);
        }
        if (state is not null)
        {
            File.Delete(state);
        }
        return new(
            spec.Parameters,
            spec.Steps * spec.BatchTokens,
            (entropy ?? 0) + mean,
            Math.Sqrt(variance / losses.Length),
            entropy,
            clock.Elapsed.TotalSeconds,
            curve.Points
        );
    }

    private static void Train(
        TrainingSpec spec,
        TrainingSession session,
        LossCurve curve,
        Stopwatch clock,
        IProgress<TrainingProgress>? progress,
        string? state,
        CancellationToken cancel
    )
    {
        long first = session.StepsTaken,
            total = spec.Steps * spec.BatchTokens;
        (TimeSpan reported, TimeSpan kept) = (TimeSpan.Zero, clock.Elapsed);
        while (session.StepsTaken < spec.Steps)
        {
            if (state is not null && (cancel.IsCancellationRequested || clock.Elapsed - kept > StateInterval))
            {
                TrainingState.Write(state, spec, session, curve);
                kept = clock.Elapsed;
            }
            cancel.ThrowIfCancellationRequested();
            double loss = session.Step();
            curve.Add(session.StepsTaken, loss);
            if (progress is not null && (clock.Elapsed - reported > ReportInterval || session.StepsTaken == spec.Steps))
            {
                reported = clock.Elapsed;
                double speed = (session.StepsTaken - first) * spec.BatchTokens / reported.TotalSeconds;
                progress.Report(new(session.StepsTaken * spec.BatchTokens, total, loss, speed));
            }
        }
    }
}
