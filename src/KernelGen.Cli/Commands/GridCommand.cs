using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Kernels.Elements;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen grid</c>: trains a vector codebook of least error for Gaussian values, as the source of a table.</summary>
internal static class GridCommand
{
    /// <summary>Largest dimension and number of entries that the search for nearest entries takes.</summary>
    private const int LargestDimension = 8,
        LargestCount = 65536;

    /// <summary>Most samples of an iteration.</summary>
    private const long MostSamples = 1L << 30;

    public static Command Create(CommandEnvironment environment)
    {
        Option<int?> Number(string name, string description, int least, int otherwise) =>
            new(name)
            {
                Description = description,
                CustomParser = argument => Numbers.AtLeast(least)(argument),
                DefaultValueFactory = _ => otherwise,
            };
        Option<int?> dimension = Number("--dimension", "Dimension p of the entries, 1 to 8.", 1, 2);
        Option<int?> entries = Number("--entries", "Number of entries n, 2 to 65536; log2(n)/p bits a weight.", 2, 256);
        Option<int?> iterations = Number("--iterations", "Lloyd iterations.", 1, 60);
        Option<int?> samples = Number("--samples", "Samples per entry and iteration.", 2, 400);
        Option<int?> seed = Number("--seed", "Seed of the samples; the same seed gives the same grid.", 0, 1);
        var command = new Command(
            "grid",
            "Train a Gaussian vector codebook; the table goes to stdout as C#, the report of convergence to stderr."
        )
        {
            dimension,
            entries,
            iterations,
            samples,
            seed,
        };
        command.SetAction(parsed =>
        {
            int p = parsed.GetValue(dimension)!.Value,
                n = parsed.GetValue(entries)!.Value;
            if (p > LargestDimension || n > LargestCount)
            {
                throw new UsageException(
                    $"A grid of {n} entries in dimension {p}: dimensions go to {LargestDimension}, entries to {LargestCount}."
                );
            }
            long perIteration = (long)n * parsed.GetValue(samples)!.Value;
            if (perIteration > MostSamples)
            {
                throw new UsageException(
                    $"--samples: {n} entries with {parsed.GetValue(samples)} samples each are {perIteration} samples an iteration; "
                        + $"up to {MostSamples} are drawn."
                );
            }
            GaussianGridResult grid = GaussianGridTrainer.Train(
                p,
                n,
                parsed.GetValue(iterations)!.Value,
                parsed.GetValue(samples)!.Value,
                parsed.GetValue(seed)!.Value
            );
            environment.Error.WriteLine(grid.Report());
            environment.Out.Write(grid.ToSource());
            return ExitCode.Ok;
        });
        return command;
    }
}
