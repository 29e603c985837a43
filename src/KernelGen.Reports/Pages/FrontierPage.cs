using System.Globalization;
using System.Text;

namespace KernelGen.Reports;

/// <summary>
/// A comparison of formats as one page that needs no network: the plot, boxes that hide families, and the table, which sorts by the column
/// whose heading is clicked. Without scripts it still shows everything.
/// </summary>
internal static class FrontierPage
{
    /// <summary>The browser itself refuses what is not in the page.</summary>
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    private const string Script = """
        const hidden = new Set();
        function show() {
          document.querySelectorAll('[data-series]').forEach(e => e.style.display = hidden.has(e.dataset.series) ? 'none' : '');
          document.querySelectorAll('tr[data-family]').forEach(e => e.hidden = hidden.has(e.dataset.family));
        }
        document.querySelectorAll('input[data-hides]').forEach(box => box.addEventListener('change', () => {
          hidden[box.checked ? 'delete' : 'add'](box.dataset.hides);
          show();
        }));
        document.querySelectorAll('th button').forEach(button => button.addEventListener('click', () => {
          const head = button.parentElement, column = head.cellIndex, body = head.closest('table').tBodies[0];
          const down = head.getAttribute('aria-sort') === 'ascending', numeric = head.classList.contains('n');
          head.parentElement.querySelectorAll('th').forEach(other => other.removeAttribute('aria-sort'));
          head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
          const key = row => row.cells[column].dataset.v;
          const rows = [...body.rows].sort((a, b) => {
            const x = key(a), y = key(b);
            if (x === '' || y === '') return (x === '') - (y === '');
            return (numeric ? x - y : x.localeCompare(y)) * (down ? -1 : 1);
          });
          body.append(...rows);
        }));
        """;

    /// <summary>The page.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="table">The comparison; the column <c>format</c> names the formats.</param>
    /// <param name="points">The formats of the plot.</param>
    /// <param name="values">Of which values the errors are.</param>
    public static string Html(string title, DataTable table, IReadOnlyList<FrontierPoint> points, string values)
    {
        StringBuilder page = ReportPage.Begin(title, $"<meta http-equiv=\"Content-Security-Policy\" content=\"{Policy}\">\n");
        string[] families = [.. points.Select(point => point.Family).Distinct().Order(StringComparer.Ordinal)];
        page.Append("<p class=\"families\">");
        foreach (string family in families)
        {
            string text = SvgPlot.Text(family);
            page.Append($"<label><input type=\"checkbox\" checked data-hides=\"{text}\"> {text}</label> ");
        }
        page.Append($"</p>\n<figure class=\"wide\">{FrontierPlot.Render(points, values)}</figure>\n");
        Append(page, table, points.DistinctBy(point => point.Name).ToDictionary(point => point.Name, point => point.Family));
        return ReportPage.End(page.Append($"<script>\n{Script}\n</script>\n"));
    }

    private static void Append(StringBuilder page, DataTable table, Dictionary<string, string> families)
    {
        int format = table.Columns.Select(column => column.Name).ToList().IndexOf("format");
        page.Append("<div class=\"wide\"><table>\n<thead><tr>");
        for (int i = 0; i < table.Columns.Count; i++)
        {
            string title = SvgPlot.Text(table.Columns[i].Title);
            page.Append($"<th{Class(table, i)}><button type=\"button\">{title}</button></th>");
        }
        page.Append("</tr></thead>\n<tbody>\n");
        foreach (object?[] row in table.Rows)
        {
            string family = families.GetValueOrDefault($"{row[format]}", "");
            page.Append($"<tr data-family=\"{SvgPlot.Text(family)}\">");
            for (int i = 0; i < row.Length; i++)
            {
                page.Append($"<td{Class(table, i)} data-v=\"{SvgPlot.Text(Value(row[i]))}\">");
                page.Append($"{SvgPlot.Text(table.Columns[i].Text(row[i]))}</td>");
            }
            page.Append("</tr>\n");
        }
        page.Append("</tbody></table></div>\n");
    }

    private static string Class(DataTable table, int column) => table.IsNumeric(column) ? " class=\"n\"" : "";

    /// <summary>What a cell is sorted by; empty for what does not exist, which comes last.</summary>
    private static string Value(object? value) =>
        value switch
        {
            null or double.NaN => "",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };
}
