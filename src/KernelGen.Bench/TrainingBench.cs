using System.Diagnostics;
using KernelGen.Training;

namespace KernelGen.Bench;

/// <summary>How fast training steps are, next to what the machine could multiply.</summary>
/// <param name="Parameters">Non-embedding parameters.</param>
/// <param name="SecondsPerStep">Median time of a whole step: data, forward, backward, compression, optimiser.</param>
/// <param name="TokensPerSecond">Tokens of a step over that time.</param>
/// <param name="FlopsPerSecond">Operations of the matrix products of a step (see <see cref="TrainingBench.Flops"/>) over that time.</param>
/// <param name="PeakFlopsPerSecond">Multiply–adds in registers on as many threads, two operations each.</param>
public sealed record TrainingBenchResult(
    long Parameters,
    double SecondsPerStep,
    double TokensPerSecond,
    double FlopsPerSecond,
    double PeakFlopsPerSecond
)
{
    /// <summary>Share of the peak.</summary>
    public double Share => FlopsPerSecond / PeakFlopsPerSecond;
}

/// <summary>Measures training steps.</summary>
public static class TrainingBench
{
    /// <summary>A Llama of two layers as wide as asked for, in batches as training of that size uses them.</summary>
    /// <param name="width">Width, a multiple of 64.</param>
    public static TrainingSpec Shape(int width) =>
        new()
        {
            Layers = 2,
            Width = width,
            Heads = width / 64,
            Hidden = (8 * width / 3 + 63) / 64 * 64,
            Context = 256,
            BatchTokens = 2048,
            Tokens = 1 << 30,
            LearningRate = 0.001,
        };

    /// <summary>
    /// Operations of the matrix products of a step, forward and backward: 6 for each token and weight of linear layers and head; attention
    /// counts what is seen, half of its squares.
    /// </summary>
    /// <param name="spec">The run.</param>
    /// <param name="vocabulary">Number of tokens.</param>
    public static double Flops(TrainingSpec spec, int vocabulary) =>
        spec.BatchTokens * 6.0 * (spec.Parameters + (double)vocabulary * spec.Width + (double)spec.Layers * spec.Context * spec.Width);

    /// <summary>Measures.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="formats">Where formats come from.</param>
    /// <param name="steps">Steps to time, after two that are not.</param>
    /// <param name="threads">Threads, 0 for all processors.</param>
    /// <param name="cancel">Stops between steps.</param>
    /// <exception cref="ArgumentException">A field of the run is wrong.</exception>
    public static TrainingBenchResult Measure(
        TrainingSpec spec,
        FormatCatalog formats,
        int steps = 9,
        int threads = 0,
        CancellationToken cancel = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var session = new TrainingSession(spec, formats, threads);
        int used = threads > 0 ? threads : Environment.ProcessorCount;
        session.Step();
        session.Step();
        var times = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            cancel.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            session.Step();
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        double median = times.Order().ElementAt(steps / 2);
        return new(spec.Parameters, median, spec.BatchTokens / median, Flops(spec, session.Data.Vocabulary) / median, Peak(used));
    }

    /// <summary>Peaks of threads that multiply at the same time, together.</summary>
    private static double Peak(int threads)
    {
        var peaks = new double[threads];
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
            peaks[thread] = MultiplyAddPeak.OperationsPerSecond()
        );
        return peaks.Sum();
    }
}
