using Spectre.Console;

namespace KernelGen.Cli.Output;

/// <summary>Tables for the eye, aligned.</summary>
internal static class ScreenTable
{
    public static void Write(DataTable table, CommandEnvironment environment)
    {
        Table drawn = Draw(table);
        if (environment.OutIsTerminal)
        {
            environment.ConsoleOn(environment.Out, terminal: true).Write(drawn);
            return;
        }
        // Drawn in memory first: a file needs no blanks at the ends of lines and no frame of empty lines.
        using var text = new StringWriter();
        environment.ConsoleOn(text, terminal: false).Write(drawn);
        foreach (string line in text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            environment.Out.WriteLine(line);
        }
    }

    private static Table Draw(DataTable table)
    {
        Table drawn = new Table().Border(TableBorder.Simple);
        for (int i = 0; i < table.Columns.Count; i++)
        {
            // Words may be folded where the terminal is narrow, numbers may not.
            var heading = new TableColumn(new Text(table.Columns[i].Title)) { NoWrap = i == 0 || table.IsNumeric(i) };
            drawn.AddColumn(table.IsNumeric(i) ? heading.RightAligned() : heading);
        }
        foreach (object?[] row in table.Rows)
        {
            drawn.AddRow(row.Select((value, i) => new Text(table.Columns[i].Text(value))));
        }
        return drawn;
    }
}
