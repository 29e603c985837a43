using KernelGen.Reports;
using Spectre.Console;

namespace KernelGen.Cli.Output;

/// <summary>Tables for the eye, aligned.</summary>
internal static class ScreenTable
{
    /// <summary>Characters of words that are left at the margin of a terminal, however narrow it is.</summary>
    private const int FewestOfWords = 8;

    public static void Write(DataTable table, CommandEnvironment environment)
    {
        int width = Width(table, environment);
        foreach (string line in Lines(table, table.Columns.Count, environment))
        {
            environment.Out.WriteLine(line.Length <= width ? line : string.Concat(line.AsSpan(0, width - 1), "…"));
        }
    }

    /// <summary>Drawn in memory: neither files nor terminals need blanks at the ends of lines and a frame of empty lines.</summary>
    private static IEnumerable<string> Lines(DataTable table, int columns, CommandEnvironment environment)
    {
        using var text = new StringWriter();
        environment.ConsoleOn(text, terminal: false).Write(Draw(table, columns));
        return text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0);
    }

    /// <summary>
    /// Where lines are cut: at the margin of a terminal, inside the last column and only if it has words. Numbers are never cut, nor is
    /// what goes to a file.
    /// </summary>
    private static int Width(DataTable table, CommandEnvironment environment)
    {
        int last = table.Columns.Count - 1;
        if (!environment.OutIsTerminal || table.IsNumeric(last))
        {
            return int.MaxValue;
        }
        int others = Lines(table, last, environment).Max(line => line.Length);
        return Math.Max(environment.ConsoleOn(environment.Out, terminal: true).Profile.Width, others + FewestOfWords);
    }

    private static Table Draw(DataTable table, int columns)
    {
        Table drawn = new Table().Border(TableBorder.Simple);
        for (int i = 0; i < columns; i++)
        {
            var heading = new TableColumn(new Text(table.Columns[i].Title)) { NoWrap = true };
            drawn.AddColumn(table.IsNumeric(i) ? heading.RightAligned() : heading);
        }
        foreach (object?[] row in table.Rows)
        {
            drawn.AddRow(row.Take(columns).Select((value, i) => new Text(table.Columns[i].Text(value))));
        }
        return drawn;
    }
}
