namespace KernelGen.Reports;

/// <summary>Markdown tables, to be pasted where people discuss numbers.</summary>
internal static class MarkdownTable
{
    public static void Write(DataTable table, TextWriter writer)
    {
        string[] titles = [.. table.Columns.Select(column => Escape(column.Title))];
        string[][] cells = [.. table.Rows.Select(row => row.Select((value, i) => Escape(table.Columns[i].Text(value))).ToArray())];
        int[] widths =
        [
            .. titles.Select((title, i) => Math.Max(Math.Max(3, title.Length), cells.Select(row => row[i].Length).DefaultIfEmpty(0).Max())),
        ];
        Line(titles);
        writer.Write('|');
        for (int i = 0; i < widths.Length; i++)
        {
            writer.Write(table.IsNumeric(i) ? $" {new string('-', widths[i] - 1)}: |" : $" {new string('-', widths[i])} |");
        }
        writer.WriteLine();
        foreach (string[] row in cells)
        {
            Line(row);
        }

        void Line(string[] row)
        {
            string Padded(string cell, int i) => table.IsNumeric(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]);
            writer.WriteLine($"| {string.Join(" | ", row.Select(Padded))} |");
        }
    }

    private static string Escape(string text) => VisibleText.Markdown(text);
}
