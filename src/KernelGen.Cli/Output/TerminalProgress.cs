using System.Diagnostics;
using KernelGen.Reports;
using Spectre.Console;

namespace KernelGen.Cli.Output;

/// <summary>A bar with the words that a log would have behind it; it disappears when the work is done.</summary>
internal sealed class TerminalProgress(IAnsiConsole console) : IProgressDisplay
{
    private const int BarWidth = 20;

    /// <summary>What bar, share and the spaces between them take of a line; words that do not fit are cut, or a terminal would fold them.</summary>
    private const int BarAndShare = BarWidth + 10;

    public void Run(string title, long total, Action<Action<double, string>> work) =>
        console
            .Progress()
            .AutoClear(true)
            .Columns(
                new ProgressBarColumn { Width = BarWidth },
                new PercentageColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left }
            )
            .Start(context =>
            {
                var clock = Stopwatch.StartNew();
                ProgressTask task = context.AddTask(Words(title), maxValue: Math.Max(total, 1));
                work(
                    (done, what) =>
                    {
                        task.Description = Words(ProgressText.Of(title, done, total, what, clock.Elapsed));
                        task.Value = done;
                    }
                );
            });

    private string Words(string text)
    {
        int room = Math.Max(BarWidth, console.Profile.Width - BarAndShare);
        string visible = VisibleText.Of(text);
        return Markup.Escape(visible.Length <= room ? visible : string.Concat(visible.AsSpan(0, room - 1), "…"));
    }
}
