using System.Globalization;

namespace KernelGen.Reports;

/// <summary>Lines and shapes of series. Colour and shape change together with different periods, so 36 series differ.</summary>
internal static class Marks
{
    /// <summary>Circle, square, triangle, diamond around 0, 0.</summary>
    private static readonly string[] Shapes =
    [
        "M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0 -6.4 0z",
        "M-3 -3h6v6h-6z",
        "M0 -3.8l3.6 6.4h-7.2z",
        "M0 -4l4 4l-4 4l-4 -4z",
    ];

    /// <summary>Attributes of a line.</summary>
    public static string Stroke(PlotSeries series) =>
        $"class=\"{SvgTheme.Class(series.Color)}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"{(series.Bold ? "3" : "1.5")}\""
        + (series.Dashed ? " stroke-dasharray=\"5 4\"" : "");

    /// <summary>A mark; its words appear under the pointer.</summary>
    public static string At(double x, double y, PlotSeries series, string words, bool large = false) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"<path class=\"{SvgTheme.Class(series.Color)}{(series.Hollow ? " kg-hollow" : "")}\" "
                + $"transform=\"translate({x:F1} {y:F1}){(large ? " scale(1.5)" : "")}\" "
                + $"d=\"{Shapes[Math.Max(series.Color, 0) % Shapes.Length]}\" fill=\"currentColor\" stroke=\"currentColor"
                + $"\">{(words.Length > 0 ? $"<title>{SvgPlot.Text(words)}</title>" : "")}</path>"
        );
}
