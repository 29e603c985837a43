using System.Globalization;
using System.Text;

namespace KernelGen.Reports;

/// <summary>Names written at the points of a plot, where they do not cover each other, marks or the legend.</summary>
internal static class PointNames
{
    /// <summary>Widths of a letter at 11 points, plain and bold.</summary>
    private const double Letter = 6.5,
        BoldLetter = 7.2;

    /// <summary>The names of each series as SVG. A name without room is left to the text under the pointer.</summary>
    /// <param name="all">The series.</param>
    /// <param name="place">Where a point lies in the picture.</param>
    /// <param name="area">Where names may be.</param>
    /// <param name="kept">What they must not cover.</param>
    /// <param name="absent">How many names have no room.</param>
    public static string[] Of(
        IReadOnlyList<PlotSeries> all,
        Func<(double X, double Y), (double X, double Y)> place,
        Box area,
        IEnumerable<Box> kept,
        out int absent
    )
    {
        absent = 0;
        var names = all.Select(_ => new StringBuilder()).ToArray();
        if (all.All(series => series.Labels.Count == 0))
        {
            return [.. names.Select(name => "")];
        }
        var room = new LabelPlacement(area);
        foreach (Box box in kept)
        {
            room.Keep(box);
        }
        foreach ((double x, double y) in all.Where(s => !s.Line).SelectMany(s => s.Points).Select(place).Where(IsFinite))
        {
            room.Keep(new(x - 3.5, y - 3.5, x + 3.5, y + 3.5));
        }
        var labels =
            from series in Enumerable.Range(0, all.Count)
            from i in Enumerable.Range(0, all[series].Labels.Count)
            let label = all[series].Labels[i]
            let at = place(all[series].Points[i])
            where label is { Written: true } && IsFinite(at)
            orderby label.Bold descending, at.X, at.Y
            select (Series: series, Label: label, At: at);
        foreach ((int series, PlotLabel label, (double x, double y)) in labels)
        {
            double width = (label.Bold ? BoldLetter : Letter) * label.Text.Length;
            if (room.Find(x, y, width, label.Bold ? 9 : 7) is not { } found)
            {
                absent++;
                continue;
            }
            if (found.Line is { } end)
            {
                names[series].Append(CultureInfo.InvariantCulture, $"<path d=\"M{x:F1} {y:F1}L{end.X:F1} {end.Y:F1}\" class=\"kg-zero\"/>");
            }
            // Centred in its box, which is as wide as the widest of the usual faces.
            string anchor =
                found.Box.Left >= x ? $"x=\"{found.Box.Left:F1}\""
                : found.Box.Right <= x ? $"x=\"{found.Box.Right:F1}\" text-anchor=\"end\""
                : $"x=\"{(found.Box.Left + found.Box.Right) / 2:F1}\" text-anchor=\"middle\"";
            names[series]
                .Append(
                    CultureInfo.InvariantCulture,
                    $"<text class=\"kg-name\" {anchor} y=\"{found.Box.Bottom - 2.5:F1}\"{(label.Bold ? " font-weight=\"bold\"" : "")}>"
                        + $"{SvgPlot.Text(label.Text)}</text>\n"
                );
        }
        return [.. names.Select(name => name.ToString())];
    }

    private static bool IsFinite((double X, double Y) point) => double.IsFinite(point.X) && double.IsFinite(point.Y);
}
