namespace KernelGen.Scaling;

/// <summary>How far a probe is.</summary>
/// <param name="SamplesDone">Samples finished.</param>
/// <param name="SamplesTotal">Samples in all.</param>
/// <param name="SamplesPerSecond">Rate since the start.</param>
public readonly record struct ProbeProgress(long SamplesDone, long SamplesTotal, double SamplesPerSecond)
{
    /// <summary>Time left at this rate; null before anything is done.</summary>
    public TimeSpan? Remaining =>
        SamplesPerSecond > 0 ? TimeSpan.FromSeconds(Math.Min((SamplesTotal - SamplesDone) / SamplesPerSecond, 1e9)) : null;
}
