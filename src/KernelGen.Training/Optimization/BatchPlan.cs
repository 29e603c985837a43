namespace KernelGen.Training;

/// <summary>
/// How the sequences of a step are cut into micro-batches, and those dealt to lanes. Each lane sums the gradients of its
/// micro-batches in order, and lanes are summed in order: the sums depend on the run, and not on how many threads work.
/// </summary>
internal sealed record BatchPlan
{
    /// <summary>
    /// Tokens of a micro-batch, at most: products are large enough to be fast, activations stay in the second-level cache.
    /// </summary>
    private const int MicroBatchTokens = 512;

    /// <summary>Most lanes: each has gradients of its own.</summary>
    private const int MostLanes = 16;

    public BatchPlan(TrainingSpec spec)
    {
        Sequences = spec.BatchTokens / spec.Context;
        MicroSequences = Enumerable
            .Range(1, Sequences)
            .Last(count => Sequences % count == 0 && (count == 1 || count * spec.Context <= MicroBatchTokens));
        MicroBatches = Sequences / MicroSequences;
        Lanes = Math.Min(MicroBatches, MostLanes);
    }

    /// <summary>Sequences of a step.</summary>
    public int Sequences { get; }

    /// <summary>Sequences of a micro-batch.</summary>
    public int MicroSequences { get; }

    /// <summary>Micro-batches of a step.</summary>
    public int MicroBatches { get; }

    /// <summary>Sums of gradients that may be worked on at a time.</summary>
    public int Lanes { get; }
}
