using System.CommandLine;
using KernelGen.Bench;
using KernelGen.Cli.Input;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen bench training</c>: whole training steps of dense Llamas, with their share of the multiply–add peak.</summary>
internal static class BenchTrainingCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        Argument<int[]?> widths = BenchOptions.Sizes("WIDTHS", "Widths, multiples of 64 up to 4096: 256,512.");
        Option<int[]?> threads = BenchOptions.Threads();
        Option<int?> steps = BenchOptions.Repetitions();
        Option<string> output = CommonOptions.Output();
        var command = new Command("training", "Measure whole training steps of dense Llamas, with their share of the multiply–add peak.")
        {
            widths,
            threads,
            steps,
            output,
        };
        command.SetAction(parsed =>
        {
            int[] wanted = parsed.GetValue(widths)!;
            if (wanted.FirstOrDefault(width => width % 64 != 0 || width > 4096) is int wrong and > 0)
            {
                throw new UsageException($"bench training takes widths that are multiples of 64, up to 4096; {wrong} is none.");
            }
            DataTable table = TrainingRun.Table();
            int count = parsed.GetValue(steps)!.Value;
            return BenchOptions.Run(
                environment,
                table,
                wanted,
                parsed.GetValue(threads)!,
                parsed.GetRequiredValue(output),
                (width, thread) => TrainingRun.Measure(table, width, thread, count, environment.Catalog, environment.Cancellation)
            );
        });
        return command;
    }
}
