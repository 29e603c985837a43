using System.Text;

namespace KernelGen.Reports;

/// <summary>Sections as one page: HTML without scripts and with the pictures inside, or Markdown with pictures next to it.</summary>
internal static class ReportPage
{
    private const string Style = """
        :root{color-scheme:light dark}
        body{font-family:sans-serif;max-width:72em;margin:2em auto;padding:0 1em;background:#fff;color:#1f2328;line-height:1.4}
        table{border-collapse:collapse;margin:1em 0}
        td,th{border:1px solid #ccc;padding:.2em .6em;text-align:left}
        .n{text-align:right}
        th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
        th[aria-sort=ascending] button::after{content:" \25b2"}
        th[aria-sort=descending] button::after{content:" \25bc"}
        .families label{display:inline-block;margin-right:1em}
        figure{margin:1.5em 0}
        svg{max-width:100%;height:auto}
        .wide{overflow-x:auto}
        .wide svg{min-width:44em}
        @media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}td,th{border-color:#3d444d}}
        """;

    public static string Html(string title, IEnumerable<ReportSection> sections)
    {
        StringBuilder page = Begin(title);
        foreach (ReportSection section in sections)
        {
            page.Append($"<h2>{SvgPlot.Text(section.Title)}</h2>\n<p>{SvgPlot.Text(section.Text)}</p>\n");
            foreach (string warning in section.Warnings)
            {
                page.Append($"<p><strong>{SvgPlot.Text(warning)}</strong></p>\n");
            }
            foreach (DataTable table in section.Tables)
            {
                Append(page, table);
            }
            foreach ((_, string svg) in section.Plots)
            {
                page.Append($"<figure>{svg}</figure>\n");
            }
        }
        return End(page);
    }

    /// <summary>A page up to its heading.</summary>
    internal static StringBuilder Begin(string title, string head = "") =>
        new(
            $"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{head}"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + $"<title>{SvgPlot.Text(title)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n<h1>{SvgPlot.Text(title)}</h1>\n"
        );

    /// <summary>The page with its end.</summary>
    internal static string End(StringBuilder page) => page.Append("</body>\n</html>\n").ToString();

    /// <param name="title">Heading of the page.</param>
    /// <param name="sections">The sections.</param>
    /// <param name="plots">Folder of the pictures as seen from the page; null if they are not written.</param>
    public static string Markdown(string title, IEnumerable<ReportSection> sections, string? plots)
    {
        using var page = new StringWriter { NewLine = "\n" };
        page.WriteLine($"# {VisibleText.Markdown(title)}");
        foreach (ReportSection section in sections)
        {
            page.WriteLine($"\n## {VisibleText.Markdown(section.Title)}");
            foreach (
                string paragraph in section
                    .Warnings.Select(warning => $"**{VisibleText.Markdown(warning)}**")
                    .Prepend(VisibleText.Markdown(section.Text))
            )
            {
                page.WriteLine($"\n{LineBreaks.In(paragraph)}");
            }
            foreach (DataTable table in section.Tables)
            {
                page.WriteLine();
                MarkdownTable.Write(table, page);
            }
            foreach ((string name, _) in plots is null ? [] : section.Plots)
            {
                page.WriteLine($"\n![{name}]({plots}/{name}.svg)");
            }
        }
        return page.ToString();
    }

    private static void Append(StringBuilder page, DataTable table)
    {
        string Class(int column) => table.IsNumeric(column) ? " class=\"n\"" : "";
        page.Append("<table>\n<tr>");
        for (int i = 0; i < table.Columns.Count; i++)
        {
            page.Append($"<th{Class(i)}>{SvgPlot.Text(table.Columns[i].Title)}</th>");
        }
        page.Append("</tr>\n");
        foreach (object?[] row in table.Rows)
        {
            page.Append("<tr>");
            for (int i = 0; i < row.Length; i++)
            {
                page.Append($"<td{Class(i)}>{SvgPlot.Text(table.Columns[i].Text(row[i]))}</td>");
            }
            page.Append("</tr>\n");
        }
        page.Append("</table>\n");
    }
}
