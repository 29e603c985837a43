using System.Runtime.ExceptionServices;

namespace KernelGen.Models;

/// <summary>Threads that take numbered work one piece after the other, in order, until it is done or one fails.</summary>
internal static class Workers
{
    /// <param name="count">Pieces of work.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancellation">Cancels between pieces.</param>
    /// <param name="worker">Makes what one thread needs, and returns what does one piece.</param>
    public static void Run(int count, int threads, CancellationToken cancellation, Func<Action<int>> worker)
    {
        int next = -1;
        Exception? failure = null;
        int failed = int.MaxValue;
        var gate = new Lock();
        void Work()
        {
            Action<int> work = worker();
            for (
                int i = Interlocked.Increment(ref next);
                i < count && !cancellation.IsCancellationRequested && Volatile.Read(ref failure) is null;
                i = Interlocked.Increment(ref next)
            )
            {
                try
                {
                    work(i);
                }
                catch (Exception e)
                {
                    lock (gate)
                    {
                        // Of several failures the first one is reported, from any thread.
                        (failure, failed) = i < failed ? (e, i) : (failure, failed);
                    }
                }
            }
        }
        Parallel.Invoke(
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) },
            [.. Enumerable.Repeat(Work, Math.Clamp(threads, 1, Math.Max(1, count)))]
        );
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
        cancellation.ThrowIfCancellationRequested();
    }
}
