namespace KernelGen.Kernels.Threads;

/// <summary>
/// Units that are one thread's own until others run out of theirs, as one word that is changed by compare-and-exchange: the owner takes
/// from the front, others from the back (affinity scheduling: Markatos and LeBlanc, 1994). A thread meets the same rows in every call,
/// which its caches may still have, and takes its own units without a trip between processors.
/// </summary>
internal static class Stretch
{
    /// <summary>The units from one to before another.</summary>
    public static long Of(int next, int end) => (uint)next | (long)end << 32;

    /// <summary>Takes three quarters of what is left: few takes, and small ones at the end for others to help with.</summary>
    /// <param name="stretch">The word.</param>
    /// <param name="grain">How many units are taken at a time.</param>
    /// <param name="first">The first unit taken.</param>
    /// <returns>Number of units taken; 0 if none was left.</returns>
    public static int TakeFront(ref long stretch, Grain grain, out int first)
    {
        for (long seen = Volatile.Read(ref stretch); ; )
        {
            (first, int end) = ((int)seen, (int)(seen >> 32));
            int left = end - first,
                count = Take(left, left - left / 4, grain);
            long found = count == 0 ? seen : Interlocked.CompareExchange(ref stretch, Of(first + count, end), seen);
            if (found == seen)
            {
                return count;
            }
            seen = found;
        }
    }

    /// <summary>Takes half of what another thread has left.</summary>
    /// <inheritdoc cref="TakeFront"/>
    public static int TakeBack(ref long stretch, Grain grain, out int first)
    {
        for (long seen = Volatile.Read(ref stretch); ; )
        {
            (int next, int end) = ((int)seen, (int)(seen >> 32));
            int left = end - next,
                count = Take(left, left / 2, grain);
            first = end - count;
            long found = count == 0 ? seen : Interlocked.CompareExchange(ref stretch, Of(next, first), seen);
            if (found == seen)
            {
                return count;
            }
            seen = found;
        }
    }

    private static int Take(int left, int wanted, Grain grain) => Math.Min(left, Math.Clamp(wanted, grain.Smallest, grain.Largest));
}
