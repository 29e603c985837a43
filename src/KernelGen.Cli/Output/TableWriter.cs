using KernelGen.Reports;

namespace KernelGen.Cli.Output;

/// <summary>Writes tables in the notation that the user chose.</summary>
internal static class TableWriter
{
    /// <summary>The notations, by the name on the command line.</summary>
    private static readonly Dictionary<string, Action<DataTable, CommandEnvironment>> Notations = new(StringComparer.OrdinalIgnoreCase)
    {
        ["table"] = ScreenTable.Write,
        ["md"] = (table, environment) => MarkdownTable.Write(table, environment.Out),
        ["csv"] = (table, environment) => CsvTable.Write(table, environment.Out),
        ["json"] = (table, environment) => JsonTable.Write(table, environment.Out, lines: false),
        ["jsonl"] = (table, environment) => JsonTable.Write(table, environment.Out, lines: true),
    };

    public static string[] Names => [.. Notations.Keys];

    public static void Write(DataTable table, string notation, CommandEnvironment environment) => Notations[notation](table, environment);
}
