namespace KernelGen.Training;

/// <summary>How a sweep is run.</summary>
public sealed record SweepOptions
{
    /// <summary>Threads in all. Runs of small models take one each and go side by side.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>True for a run whose model is large enough to fill all threads; it then runs alone.</summary>
    public Func<SweepRun, bool> TakesAllThreads { get; init; } = _ => false;

    /// <summary>
    /// Stop after this time: no run is begun that is not expected to end before it, and what is not finished then is given back.
    /// </summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Hears how far the sweep is, from any thread, one call at a time.</summary>
    public Action<SweepProgress>? Progress { get; init; }

    /// <summary>Cancels; unfinished runs are given back.</summary>
    public CancellationToken Cancellation { get; init; }
}
