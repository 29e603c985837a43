namespace KernelGen.Scaling;

/// <summary>What a capacity probe runs on. The result does not depend on <see cref="Threads"/>.</summary>
public sealed record ProbeOptions
{
    /// <summary>2^26 Gaussian samples, seed 0, all processors.</summary>
    public static ProbeOptions Default { get; } = new();

    /// <summary>
    /// Samples wanted, 1 or more; whole chunks are drawn, at least two of them, so a few more may be used. A
    /// <see cref="TensorSource"/> is taken whole and this is ignored.
    /// </summary>
    public long Samples { get; init; } = 1L << 26;

    /// <summary>Seed of a random source.</summary>
    public ulong Seed { get; init; }

    /// <summary>Where values come from.</summary>
    public ValueSource Source { get; init; } = ValueSource.Gaussian;

    /// <summary>
    /// Columns of a chunk of a random source: the length of a row, which matters for formats with one scale per row. It
    /// is rounded to whole blocks of the format, upwards if it is less than one, else downwards.
    /// </summary>
    public int Columns { get; init; } = 4096;

    /// <summary>Rows of a chunk of a random source; a chunk counts as one tensor. 16 × 4096 floats stay in a core's L2 cache.</summary>
    public int Rows { get; init; } = 16;

    /// <summary>Threads, 1 or more.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Cancels between chunks.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Hears of progress, a few times a second at most; called from any thread, one at a time.</summary>
    public IProgress<ProbeProgress>? Progress { get; init; }
}
