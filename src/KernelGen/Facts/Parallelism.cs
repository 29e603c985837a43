namespace KernelGen;

/// <summary>How a call on a whole matrix is spread over threads, who may cancel it and who hears of its progress.</summary>
public sealed record Parallelism
{
    /// <summary>All processors, no cancellation, no progress.</summary>
    public static Parallelism Default { get; } = new();

    /// <summary>The calling thread only.</summary>
    public static Parallelism Single { get; } = new() { Threads = 1 };

    /// <summary>Threads to use, 1 or more; the default is the number of processors.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int Threads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Threads));
            field = value;
        }
    } = Environment.ProcessorCount;

    /// <summary>Cancels between ranges of rows.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Hears the number of rows finished so far; called from any thread.</summary>
    public IProgress<long>? RowsDone { get; init; }
}
