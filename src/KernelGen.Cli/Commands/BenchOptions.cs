using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary>What <c>bench</c> and the commands below it have in common.</summary>
internal static class BenchOptions
{
    public static Option<int[]?> Threads() =>
        new("--threads", "-t")
        {
            Description = "Numbers of threads; all processors if not given.",
            HelpName = "1,2",
            CustomParser = argument => Numbers.List(argument),
            DefaultValueFactory = _ => [Environment.ProcessorCount],
        };

    public static Option<int?> Repetitions() =>
        new("--repetitions", "-r")
        {
            Description = "Repetitions.",
            CustomParser = argument => Numbers.AtLeast(1)(argument),
            DefaultValueFactory = _ => 5,
        };

    /// <summary>Sizes that have to be given.</summary>
    public static Argument<int[]?> Sizes(string name, string description) =>
        new(name)
        {
            Description = description,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = argument => Numbers.List(argument),
        };

    /// <summary>Measures a row for each size and number of threads, and writes the table.</summary>
    public static int Run(
        CommandEnvironment environment,
        DataTable table,
        int[] sizes,
        int[] threads,
        string output,
        Action<int, int> measure
    )
    {
        environment.Progress.Run("bench", (long)sizes.Length * threads.Length, report =>
        {
            long done = 0;
            foreach ((int size, int thread) in sizes.SelectMany(size => threads.Select(thread => (size, thread))))
            {
                measure(size, thread);
                report(++done, $"{size}, {thread} threads");
            }
        });
        TableWriter.Write(table, output, environment);
        return ExitCode.Ok;
    }
}
