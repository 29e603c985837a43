using System.CommandLine;
using System.Globalization;

namespace KernelGen.Cli;

/// <summary>
/// Completion in shells: <c>kernelgen [suggest:POSITION] "LINE"</c> prints what may follow at a position of a line, one word
/// a line. This is the directive of <c>System.CommandLine</c>, which only its own root command has.
/// </summary>
internal static class Completion
{
    private const string Directive = "[suggest";

    /// <summary>Whether a shell asks.</summary>
    public static bool IsAskedFor(string[] args) =>
        args is [var directive, _] && directive.StartsWith(Directive, StringComparison.Ordinal) && directive.EndsWith(']');

    /// <summary>Prints the words.</summary>
    public static int Run(Command root, string[] args, CommandEnvironment environment)
    {
        string position = args[0][Directive.Length..^1].TrimStart(':');
        int? at = int.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out int given)
            ? Math.Min(given, args[1].Length)
            : null;
        TakeFormats(root, [.. environment.Catalog.All.Select(format => format.Info.Name)]);
        foreach (var word in root.Parse(args[1]).GetCompletions(at))
        {
            environment.Out.WriteLine(word.Label);
        }
        return ExitCode.Ok;
    }

    /// <summary>Names of formats, wherever a command takes them.</summary>
    private static void TakeFormats(Command command, string[] names)
    {
        foreach (Argument argument in command.Arguments.Where(argument => argument.Name == "FORMAT"))
        {
            argument.CompletionSources.Add(_ => names.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        }
        foreach (Option option in command.Options.Where(option => option.Name == "--format"))
        {
            option.CompletionSources.Add(_ => names.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        }
        foreach (Command inner in command.Subcommands)
        {
            TakeFormats(inner, names);
        }
    }
}
