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

        long done = 0;
        void Range(int index)
        {
            int start = (int)((long)rows * index / ranges), end = (int)((long)rows * (index + 1) / ranges);
            body(start, end - start);
            long total = Interlocked.Add(ref done, end - start);
            parallelism.RowsDone?.Report(total);
        }

        if (parallelism.Threads <= 1)
        {
            for (int i = 0; i < ranges; i++)
            {
                parallelism.Cancellation.ThrowIfCancellationRequested();
                Range(i);
            }
            return;
        }

        try
        {
            Parallel.For(0, ranges, new ParallelOptions { MaxDegreeOfParallelism = parallelism.Threads, CancellationToken = parallelism.Cancellation }, Range);
        }
        catch (AggregateException failure) when (failure.InnerExceptions.Count > 0)
        {
            // Of several bad rows the first one is named, whichever thread met it.
            throw failure.InnerExceptions.OfType<NonFiniteWeightException>().OrderBy(e => e.Row).FirstOrDefault() ?? failure.InnerExceptions[0];
        }
    }
}
