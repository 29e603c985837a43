using System.Globalization;
using System.Text;

namespace KernelGen.Cli.Plots;

/// <summary>A matrix as an SVG picture: blue below zero, red above, the number in each cell.</summary>
internal static class SvgHeatMap
{
    private const double Cell = 56, Left = 110, Top = 60;

    /// <summary>The picture; cells that are null stay empty.</summary>
    public static string Render(string title, IReadOnlyList<string> rows, IReadOnlyList<string> columns, Func<int, int, double?> value)
    {
        double width = Left + Cell * columns.Count + 20, height = Top + Cell / 2 * rows.Count + 20;
        double largest = (from i in Enumerable.Range(0, rows.Count) from j in Enumerable.Range(0, columns.Count) select Math.Abs(value(i, j) ?? 0)).DefaultIfEmpty(0).Max();
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Math.Max(width, 420)} {height}\" width=\"{Math.Max(width, 420)}\" height=\"{height}\" role=\"img\" aria-label=\"{SvgPlot.Text(title)}\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"10\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{SvgPlot.Text(title)}</text>\n");
        for (int j = 0; j < columns.Count; j++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + Cell * (j + 0.5)}\" y=\"{Top - 8}\" text-anchor=\"middle\">{SvgPlot.Text(columns[j])}</text>\n");
        }
        for (int i = 0; i < rows.Count; i++)
        {
            double y = Top + Cell / 2 * i;
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{y + Cell / 4 + 4}\" text-anchor=\"end\">{SvgPlot.Text(rows[i])}</text>\n");
            for (int j = 0; j < columns.Count; j++)
            {
                if (value(i, j) is not { } error)
                {
                    continue;
                }
                int fade = largest > 0 ? (int)Math.Round(255 - 150 * Math.Abs(error) / largest) : 255;
                string fill = error >= 0 ? $"rgb(255,{fade},{fade})" : $"rgb({fade},{fade},255)";
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left + Cell * j}\" y=\"{y}\" width=\"{Cell - 1}\" height=\"{Cell / 2 - 1}\" fill=\"{fill}\"/><text x=\"{Left + Cell * (j + 0.5)}\" y=\"{y + Cell / 4 + 4}\" text-anchor=\"middle\">{error:0.000}</text>\n");
            }
        }
        return svg.Append("</svg>\n").ToString();
    }
}
