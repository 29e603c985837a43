using System.Text;

namespace KernelGen.Reports;

/// <summary>Sections as one page: HTML without scripts and with the pictures inside, or Markdown with pictures beside it.</summary>
internal static class ReportPage
{
    private const string Style =
        "body{font-family:sans-serif;max-width:64em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;margin:1em "
        + "0}td,th{border:1px solid #ccc;padding:.2em .6em;text-align:left}.n{text-align:right}figure{margin:1.5em "
        + "0}svg{max-width:100%;height:auto}";

    public static string Html(string title, IEnumerable<ReportSection> sections)
    {
        var page = new StringBuilder(
            $"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{SvgPlot.Text(title)}</title>\n"
                + $"<style>{Style}</style>\n</head>\n<body>\n<h1>{SvgPlot.Text(title)}</h1>\n"
        );
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
        return page.Append("</body>\n</html>\n").ToString();
    }

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
                page.WriteLine($"\n{paragraph}");
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
