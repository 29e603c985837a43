using Spectre.Console;

namespace KernelGen.Cli.Output;

/// <summary>Tables for the eye, aligned.</summary>
internal static class ScreenTable
{
    public static void Write(DataTable table, CommandEnvironment environment)
    {
        IAnsiConsole console = environment.ConsoleOn(environment.Out, environment.OutIsTerminal);
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
        console.Write(drawn);
    }
}
