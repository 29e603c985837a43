using System.Diagnostics;
using System.Globalization;
using KernelGen.Reports;

namespace KernelGen.Cli.Output;

/// <summary>Turns bytes that are done into progress with a rate.</summary>
internal sealed class Throughput(Action<double, string> report)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Seconds so far.</summary>
    public double Seconds => _clock.Elapsed.TotalSeconds;

    /// <summary>Steps of progress for a number of bytes: MiB, and one at least.</summary>
    public static long Steps(long bytes) => Math.Max(1, (long)Math.Ceiling(bytes / Sizes.MiB));

    /// <summary>Says how far the work is; from any thread.</summary>
    public void Report(long bytes, string what) =>
        report(bytes / Sizes.MiB, string.Create(CultureInfo.InvariantCulture, $"MiB, {Rate(bytes):0} MB/s, {what}"));

    /// <summary>Megabytes (10⁶) a second.</summary>
    public double Rate(long bytes) => bytes / 1e6 / Math.Max(Seconds, 1e-3);
}
