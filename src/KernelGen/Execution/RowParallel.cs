namespace KernelGen;

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
        long wanted = (long)parallelism.Threads * (observed ? 32 : 4);
        int ranges = (int)Math.Clamp(Math.Min(rows / smallest, wanted), 1, Math.Max(1, rows));
        if (parallelism.Threads <= 1 || ranges == 1)
        {
            if (!observed)
            {
                body(0, rows);
                return;
            }
        }

        WorkerPool.Shared.Run(new Ranges(rows, ranges, parallelism.RowsDone, body), ranges, parallelism.Threads, parallelism.Cancellation);
    }

    /// <summary>Rows cut into ranges of nearly the same length.</summary>
    private sealed class Ranges(int rows, int ranges, IProgress<long>? rowsDone, Action<int, int> body) : PartedWork
    {
        private long _done;

        public override void Run(int part)
        {
            int start = (int)((long)rows * part / ranges), end = (int)((long)rows * (part + 1) / ranges);
            body(start, end - start);
            rowsDone?.Report(Interlocked.Add(ref _done, end - start));
        }
    }
}
