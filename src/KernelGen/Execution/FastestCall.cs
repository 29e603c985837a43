using System.Diagnostics;

namespace KernelGen;

/// <summary>The fastest of many calls: on a machine that others use, the one that they let pass.</summary>
internal static class FastestCall
{
    /// <summary>Calls in any case: where others take turns, the time may be over before the first.</summary>
    private const int Fewest = 3;

    /// <summary>Seconds of the fastest call; later ones are what the JIT made of it in the end.</summary>
    /// <param name="way">What to call.</param>
    /// <param name="seconds">How long calls go on.</param>
    /// <param name="cancellation">Looked at between calls.</param>
    public static double Seconds(Action way, double seconds, CancellationToken cancellation = default)
    {
        double best = double.PositiveInfinity;
        long start = Stopwatch.GetTimestamp();
        for (int calls = 0; calls < Fewest || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; calls++)
        {
            cancellation.ThrowIfCancellationRequested();
            long before = Stopwatch.GetTimestamp();
            way();
            best = Math.Min(best, Stopwatch.GetElapsedTime(before).TotalSeconds);
        }
        return best;
    }
}
