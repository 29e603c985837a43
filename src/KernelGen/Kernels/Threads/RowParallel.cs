namespace KernelGen.Kernels.Threads;

/// <summary>Runs a kernel over ranges of rows on several threads.</summary>
internal static class RowParallel
{
    /// <summary>A range handed to one thread has at least so many elements: below that a thread costs more than it brings.</summary>
    private const long SmallestRange = 1 << 14;

    /// <summary>Calls <paramref name="body"/> with disjoint ranges that cover all rows.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="workPerRow">Elements touched per row.</param>
    /// <param name="parallelism">How many threads, who may cancel, who hears of progress.</param>
    /// <param name="body">Receives the first row and the number of rows.</param>
    public static void For(int rows, long workPerRow, Parallelism? parallelism, Action<int, int> body)
    {
        parallelism ??= Parallelism.Default;
        parallelism.Cancellation.ThrowIfCancellationRequested();
        long smallest = Math.Max(1, SmallestRange / Math.Max(1, workPerRow));
        bool observed = parallelism.RowsDone is not null || parallelism.Cancellation.CanBeCanceled;
        // Somebody who watches wants to hear of progress, and to stop, more often than once a thread.
        long largest = observed ? Math.Max(smallest, rows / (32L * parallelism.Threads)) : int.MaxValue;
        var grain = new Grain((int)Math.Min(smallest, int.MaxValue), (int)Math.Min(largest, int.MaxValue));
        WorkerPool.Shared.Run(new Ranges(body, parallelism.RowsDone), rows, grain, parallelism.Threads, parallelism.Cancellation);
    }

    private sealed class Ranges(Action<int, int> body, IProgress<long>? rowsDone) : StretchWork
    {
        private long _done;

        public override void Run(int first, int count)
        {
            body(first, count);
            rowsDone?.Report(Interlocked.Add(ref _done, count));
        }
    }
}
