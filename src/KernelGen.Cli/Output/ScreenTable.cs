using KernelGen.Reports;
using Spectre.Console;

namespace KernelGen.Cli.Output;

/// <summary>Tables for the eye, aligned.</summary>
internal static class ScreenTable
{
    public static void Write(DataTable table, CommandEnvironment environment)
    {
        // Drawn in memory first: neither files nor terminals need blanks at the ends of lines and a frame of empty lines.
        using var text = new StringWriter();
        environment.ConsoleOn(text, terminal: false).Write(Draw(table));
        int width = Width(table, environment);
        foreach (string line in text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            environment.Out.WriteLine(line.Length <= width ? line : string.Concat(line.AsSpan(0, width - 1), "…"));
        }
    }

    /// <summary>Where lines are cut: at the margin of a terminal if words come last. Numbers are never cut, nor is what goes to a file.</summary>
    private static int Width(DataTable table, CommandEnvironment environment) =>
        environment.OutIsTerminal && !table.IsNumeric(table.Columns.Count - 1)
            ? Math.Max(2, environment.ConsoleOn(environment.Out, terminal: true).Profile.Width)
            : int.MaxValue;

    private static Table Draw(DataTable table)
    {
        Table drawn = new Table().Border(TableBorder.Simple);
        for (int i = 0; i < table.Columns.Count; i++)
        {
            var heading = new TableColumn(new Text(table.Columns[i].Title)) { NoWrap = true };
            drawn.AddColumn(table.IsNumeric(i) ? heading.RightAligned() : heading);
        }
        foreach (object?[] row in table.Rows)
        {
            drawn.AddRow(row.Select((value, i) => new Text(table.Columns[i].Text(value))));
        }
        return drawn;
    }
}
