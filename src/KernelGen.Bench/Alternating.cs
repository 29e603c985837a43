using System.Diagnostics;

namespace KernelGen.Bench;

/// <summary>
/// Several ways of doing the same on one thread, measured in turn: medians of repetitions, so that what else the machine does meets all of
/// them.
/// </summary>
internal static class Alternating
{
    /// <summary>Calls go on for so long before they count: the JIT replaces its first versions meanwhile.</summary>
    private const double WarmSeconds = 0.4;

    /// <summary>A repetition makes as many calls as fill this time.</summary>
    private const double RepetitionSeconds = 0.01;

    private const int Repetitions = 9;

    /// <summary>Median seconds of a call of each.</summary>
    /// <param name="ways">What to call.</param>
    /// <param name="cancellation">Looked at between repetitions.</param>
    public static double[] Medians(IReadOnlyList<Action> ways, CancellationToken cancellation)
    {
        int[] calls =
        [
            .. ways.Select(way => (int)Math.Clamp(RepetitionSeconds / FastestCall.Seconds(way, WarmSeconds, cancellation), 1, 1_000_000)),
        ];
        double[][] seconds = [.. ways.Select(_ => new double[Repetitions])];
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            for (int way = 0; way < ways.Count; way++)
            {
                cancellation.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                for (int call = 0; call < calls[way]; call++)
                {
                    ways[way]();
                }
                seconds[way][repetition] = Stopwatch.GetElapsedTime(start).TotalSeconds / calls[way];
            }
        }
        return [.. seconds.Select(of => Sample.Of(of).Median)];
    }
}
