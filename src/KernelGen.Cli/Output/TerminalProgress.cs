using KernelGen.Reports;
using Spectre.Console;

namespace KernelGen.Cli.Output;

/// <summary>A bar with the time that is left; it disappears when the work is done.</summary>
internal sealed class TerminalProgress(IAnsiConsole console) : IProgressDisplay
{
    public void Run(string title, long total, Action<Action<double, string>> work) =>
        console
            .Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn()
            )
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(total, 1));
                work(
                    (done, what) =>
                    {
                        task.Description = Markup.Escape($"{title} {what}");
                        task.Value = done;
                    }
                );
            });
}
