namespace KernelGen.Scaling;

/// <summary>A loop over rows, on one thread or several.</summary>
internal static class RowLoop
{
    public static void For(int rows, Parallelism parallelism, Action<int> body)
    {
        if (parallelism.Threads == 1)
        {
            for (int row = 0; row < rows; row++)
            {
                parallelism.Cancellation.ThrowIfCancellationRequested();
                body(row);
            }
            return;
        }
        Parallel.For(
            0,
            rows,
            new ParallelOptions { MaxDegreeOfParallelism = parallelism.Threads, CancellationToken = parallelism.Cancellation },
            body
        );
    }
}
