using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace KernelGen.Scaling;

/// <summary>Runs numbered chunks on several threads and joins their sums in the order of the numbers.</summary>
internal static class ChunkStream
{
    /// <summary>Chunks between two joins: bounds the memory of a long run.</summary>
    private const int Wave = 4096;

    private const double SecondsBetweenReports = 0.2;

    public delegate ErrorSums ChunkWork(long chunk, Span<float> buffer);

    /// <summary>Runs all chunks.</summary>
    /// <param name="chunks">Number of chunks.</param>
    /// <param name="samplesOf">Samples of a chunk.</param>
    /// <param name="options">Threads, cancellation, progress.</param>
    /// <param name="clock">Runs since the start.</param>
    /// <param name="bufferLength">Floats each thread needs.</param>
    /// <param name="work">The work on one chunk.</param>
    public static RatioEstimate Run(
        long chunks,
        Func<long, long> samplesOf,
        ProbeOptions options,
        Stopwatch clock,
        int bufferLength,
        ChunkWork work
    )
    {
        var estimate = new RatioEstimate();
        long total = chunks > 1 ? samplesOf(0) * (chunks - 1) + samplesOf(chunks - 1) : samplesOf(0),
            done = 0;
        double nextReport = 0;
        var gate = new Lock();
        void Finished(long samples)
        {
            long now = Interlocked.Add(ref done, samples);
            if (options.Progress is null || clock.Elapsed.TotalSeconds < Volatile.Read(ref nextReport))
            {
                return;
            }
            lock (gate)
            {
                double seconds = clock.Elapsed.TotalSeconds;
                if (seconds >= nextReport)
                {
                    Volatile.Write(ref nextReport, seconds + SecondsBetweenReports);
                    options.Progress.Report(new(now, total, now / seconds));
                }
            }
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = options.Cancellation };
        var sums = new ErrorSums[Math.Min(Wave, chunks)];
        for (long first = 0; first < chunks; first += Wave)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(Wave, chunks - first);
            long start = first;
            try
            {
                Parallel.For(
                    0,
                    count,
                    parallel,
                    () => new float[bufferLength],
                    (i, _, buffer) =>
                    {
                        sums[i] = work(start + i, buffer);
                        Finished(samplesOf(start + i));
                        return buffer;
                    },
                    _ => { }
                );
            }
            catch (AggregateException failure) when (failure.InnerExceptions.Count > 0)
            {
                ExceptionDispatchInfo.Throw(failure.InnerExceptions[0]);
            }
            for (int i = 0; i < count; i++)
            {
                estimate.Add(sums[i]);
            }
        }
        options.Progress?.Report(new(total, total, total / Math.Max(clock.Elapsed.TotalSeconds, 1e-9)));
        return estimate;
    }
}
