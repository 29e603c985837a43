using System.Diagnostics;
using KernelGen.Reports;

namespace KernelGen.Cli.Output;

/// <summary>Lines for logs: few of them, none for work that is done at once.</summary>
internal sealed class PlainProgress(TextWriter writer) : IProgressDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public void Run(string title, long total, Action<Action<double, string>> work)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan next = Interval;
        var gate = new Lock();
        work(
            (done, what) =>
            {
                lock (gate)
                {
                    TimeSpan elapsed = clock.Elapsed;
                    if (elapsed < next || done >= total)
                    {
                        return;
                    }
                    next = elapsed + Interval;
                    writer.WriteLine(VisibleText.Of(ProgressText.Of(title, done, total, what, elapsed)));
                }
            }
        );
    }
}
