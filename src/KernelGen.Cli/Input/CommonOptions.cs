using System.CommandLine;
using KernelGen.Cli.Output;

namespace KernelGen.Cli.Input;

/// <summary>Options that several commands have, so that they are called the same everywhere.</summary>
internal static class CommonOptions
{
    /// <summary>How a table is written; <paramref name="more"/> names what only this command can write.</summary>
    public static Option<string> Output(params string[] more)
    {
        var option = new Option<string>("--output", "-o") { Description = "How the table is written.", DefaultValueFactory = _ => "table" };
        option.AcceptOnlyFromAmong([.. TableWriter.Names, .. more]);
        return option;
    }

    public static Option<bool> Force() => new("--force") { Description = "Replace existing files." };

    public static Option<int?> Threads() =>
        new("--threads", "-t")
        {
            Description = "Threads; all processors if not given. The result does not depend on it.",
            CustomParser = argument => Numbers.AtLeast(1)(argument),
        };

    public static Option<int?> Length(string name, string description) =>
        new(name) { Description = description, CustomParser = argument => Numbers.AtLeast(1)(argument) };

    /// <summary>How a command's work is spread and cancelled.</summary>
    public static Parallelism Parallelism(CommandEnvironment environment, int? threads) =>
        new() { Threads = threads ?? Environment.ProcessorCount, Cancellation = environment.Cancellation };
}
