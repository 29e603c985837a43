namespace KernelGen.Training;

/// <summary>Trains one model, as <see cref="Trainer.Run"/> does.</summary>
/// <param name="spec">The run.</param>
/// <param name="formats">Where the formats come from.</param>
/// <param name="threads">Threads, 0 for all processors.</param>
/// <param name="progress">Hears of the run.</param>
/// <param name="checkpoint">Where to write the trained weights; null for nowhere.</param>
/// <param name="state">Where the run is kept while it goes on; null for nowhere.</param>
/// <param name="cancel">Stops between steps.</param>
public delegate TrainingOutcome TrainRun(
    TrainingSpec spec,
    FormatCatalog formats,
    int threads,
    IProgress<TrainingProgress>? progress,
    string? checkpoint,
    string? state,
    CancellationToken cancel
);
