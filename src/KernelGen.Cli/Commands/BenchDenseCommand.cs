using System.CommandLine;
using KernelGen.Bench;
using KernelGen.Cli.Input;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen bench dense</c>: dense float32 products, with their share of the multiply–add peak and a BLAS library.</summary>
internal static class BenchDenseCommand
{
    /// <summary>Matrices of this size have a gigabyte each.</summary>
    private const int Largest = 16384;

    public static Command Create(CommandEnvironment environment)
    {
        Argument<int[]?> sizes = BenchOptions.Sizes("SIZES", $"Rows and columns, up to {Largest}: 1024,4096.");
        Option<int[]?> threads = BenchOptions.Threads();
        Option<int?> repetitions = BenchOptions.Repetitions();
        var blas = new Option<string?>("--peer-blas")
        {
            Description =
                $"A BLAS library, whose float32 matmul is measured in turn with ours. Without it, {BlasLibrary.Variable} is looked at.",
            HelpName = "FILE",
        };
        Option<string> output = CommonOptions.Output();
        var command = new Command("dense", "Measure products of dense float32 matrices, with their share of the multiply–add peak.")
        {
            sizes,
            threads,
            repetitions,
            blas,
            output,
        };
        command.SetAction(parsed =>
        {
            int[] wanted = parsed.GetValue(sizes)!;
            if (wanted.Max() > Largest)
            {
                throw new UsageException(
                    $"bench dense takes sizes up to {Largest}, whose matrices have a gigabyte each; {wanted.Max()} is more."
                );
            }
            BlasLibrary? peer = BlasLibrary.Find(parsed.GetValue(blas));
            DataTable table = DenseRun.Table();
            int count = parsed.GetValue(repetitions)!.Value;
            return BenchOptions.Run(
                environment,
                table,
                wanted,
                parsed.GetValue(threads)!,
                parsed.GetRequiredValue(output),
                (size, thread) => DenseRun.Measure(table, size, thread, count, peer, environment.Cancellation)
            );
        });
        return command;
    }
}
