namespace KernelGen.Bench;

/// <summary>The fastest of many calls: on a machine that others use, one that they let pass.</summary>
internal static class FastestCall
{
    /// <summary>
    /// Which call counts, from the fastest: the clock of a virtual machine may stand still for a moment (where its host moves it, say), and
    /// the
    /// two calls in which that begins and ends would seem too short. Calls within it take no time at all and do not count.
    /// </summary>
    private const int Rank = 3;

    /// <summary>Calls in any case: where others take turns, the time may be over before the first.</summary>
    private const int Fewest = Rank + 2;

    /// <summary>Seconds of the third fastest call; later ones are what the JIT made of it in the end.</summary>
    /// <param name="way">What to call.</param>
    /// <param name="seconds">How long calls go on.</param>
    /// <param name="cancellation">Looked at between calls.</param>
    /// <param name="clock">The clock; the system's if null.</param>
    public static double Seconds(Action way, double seconds, CancellationToken cancellation = default, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        Span<long> fastest = stackalloc long[Rank + 1]; // the last is the newest call's place
        fastest.Fill(long.MaxValue);
        long start = clock.GetTimestamp();
        for (int calls = 0; calls < Fewest || clock.GetElapsedTime(start).TotalSeconds < seconds; )
        {
            cancellation.ThrowIfCancellationRequested();
            long before = clock.GetTimestamp();
            way();
            long call = clock.GetTimestamp() - before;
            if (call > 0)
            {
                calls++;
                fastest[Rank] = call;
                fastest.Sort();
            }
        }
        return (double)fastest[Rank - 1] / clock.TimestampFrequency;
    }
}
