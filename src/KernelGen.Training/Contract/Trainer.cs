namespace KernelGen.Training;

/// <summary>Trains one model.</summary>
public static class Trainer
{
    /// <summary>Trains a model from its initial weights and scores it on held-out text.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="formats">Where the formats in the expressions come from.</param>
    /// <param name="threads">Threads, 0 for all processors. The result does not depend on it.</param>
    /// <param name="progress">Hears of the run a few times a second.</param>
    /// <param name="checkpoint">Where to write the trained weights as safetensors; null for nowhere. An existing file is replaced.</param>
    /// <param name="cancel">Stops between steps.</param>
    /// <exception cref="ArgumentException">A field of the run is wrong; the message names it, what it is and what it may be.</exception>
    /// <exception cref="FormatException">An expression is no representation; the message names the nearest formats.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TrainingOutcome Run(
        TrainingSpec spec, FormatCatalog formats, int threads = 0, IProgress<TrainingProgress>? progress = null, string? checkpoint = null,
        CancellationToken cancel = default)
    {
        spec.Validate();
        throw new NotSupportedException("The training loop follows.");
    }
}
