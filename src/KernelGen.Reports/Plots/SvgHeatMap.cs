using System.Globalization;
using System.Text;

namespace KernelGen.Reports;

/// <summary>
/// A matrix as an SVG picture: blue below zero, red above, the number in each cell. Rows and columns without a cell are left out.
/// </summary>
internal static class SvgHeatMap
{
    private const double Height = 28,
        Top = 86,
        Letter = 6.4;

    /// <summary>The picture; cells that are null stay empty.</summary>
    /// <param name="title">Title.</param>
    /// <param name="note">A line below it.</param>
    /// <param name="rows">Title and labels of the rows.</param>
    /// <param name="columns">Title and labels of the columns.</param>
    /// <param name="value">The number of a cell.</param>
    public static string Render(
        string title,
        string note,
        (string Title, IReadOnlyList<string> Labels) rows,
        (string Title, IReadOnlyList<string> Labels) columns,
        Func<int, int, double?> value
    )
    {
        int[] down =
        [
            .. Enumerable
                .Range(0, rows.Labels.Count)
                .Where(i => Enumerable.Range(0, columns.Labels.Count).Any(j => value(i, j) is not null)),
        ];
        int[] across = [.. Enumerable.Range(0, columns.Labels.Count).Where(j => down.Any(i => value(i, j) is not null))];
        double left = 30 + Letter * down.Select(i => rows.Labels[i].Length).Append(rows.Title.Length).Max();
        double cell = Math.Max(56, 14 + Letter * across.Select(j => columns.Labels[j].Length).DefaultIfEmpty(0).Max());
        double width = Math.Max(left + cell * across.Length + 20, 20 + Math.Max(8.2 * title.Length, Letter * note.Length)),
            height = Top + Height * down.Length + 16;
        double largest = (from i in down from j in across select Math.Abs(value(i, j) ?? 0))
            .DefaultIfEmpty(0)
            .Max();
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:F0} {height:F0}\" width=\"{width:F0}\" "
                + $"height=\"{height:F0}\" role=\"img\" aria-label=\"{SvgPlot.Text(title)}\" class=\"kg\" font-family=\"sans-serif\" "
                + $"font-size=\"11\">\n{SvgTheme.Style}<rect width=\"100%\" height=\"100%\" class=\"kg-paper\"/>\n"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"10\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{SvgPlot.Text(title)}</text>\n<text x=\"10\" y=\"38\" "
                + $"class=\"kg-soft\">{SvgPlot.Text(note)}</text>\n"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{left + cell * across.Length / 2:F1}\" y=\"{Top - 26}\" text-anchor=\"middle\" "
                + $"class=\"kg-soft\">{SvgPlot.Text(columns.Title)}</text>\n<text x=\"{left - 8:F1}\" y=\"{Top - 8}\" text-anchor=\"end\" "
                + $"class=\"kg-soft\">{SvgPlot.Text(rows.Title)}</text>\n"
        );
        for (int j = 0; j < across.Length; j++)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{left + cell * (j + 0.5):F1}\" y=\"{Top - 8}\" "
                    + $"text-anchor=\"middle\">{SvgPlot.Text(columns.Labels[across[j]])}</text>\n"
            );
        }
        for (int i = 0; i < down.Length; i++)
        {
            double y = Top + Height * i;
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{left - 8:F1}\" y=\"{y + Height / 2 + 4}\" text-anchor=\"end\">{SvgPlot.Text(rows.Labels[down[i]])}</text>\n"
            );
            for (int j = 0; j < across.Length; j++)
            {
                if (value(down[i], across[j]) is not { } error)
                {
                    continue;
                }
                int fade = largest > 0 ? (int)Math.Round(255 - 150 * Math.Abs(error) / largest) : 255;
                string fill = error >= 0 ? $"rgb(255,{fade},{fade})" : $"rgb({fade},{fade},255)";
                string number = (Math.Abs(error) < 0.0005 ? 0 : error).ToString("0.000", CultureInfo.InvariantCulture).Replace('-', '−');
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<rect x=\"{left + cell * j:F1}\" y=\"{y}\" width=\"{cell - 1:F1}\" height=\"{Height - 1}\" fill=\"{fill}"
                        + $"\"/><text x=\"{left + cell * (j + 0.5):F1}\" y=\"{y + Height / 2 + 4}\" class=\"kg-cell\" "
                        + $"text-anchor=\"middle\">{number}"
                        + $"</text>\n"
                );
            }
        }
        return svg.Append("</svg>\n").ToString();
    }
}
