using System.Globalization;

namespace KernelGen.Reports;

/// <summary>
/// Comma-separated values as RFC 4180 quotes them; numbers with all digits, missing ones empty. A row is one line, and no text is a formula
/// to a spreadsheet (<see cref="VisibleText.Cell"/>).
/// </summary>
internal static class CsvTable
{
    public static void Write(DataTable table, TextWriter writer)
    {
        writer.WriteLine(string.Join(',', table.Columns.Select(column => Quote(column.Name))));
        foreach (object?[] row in table.Rows)
        {
            writer.WriteLine(string.Join(',', row.Select(Cell)));
        }
    }

    private static string Cell(object? value) =>
        value switch
        {
            null => "",
            double number => double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "",
            bool flag => flag ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => Quote(value.ToString() ?? ""),
        };

    private static string Quote(string text) =>
        VisibleText.Cell(text) is var cell && cell.AsSpan().IndexOfAny(",\"") >= 0
            ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : cell;
}
