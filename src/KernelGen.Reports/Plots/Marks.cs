using System.Globalization;

namespace KernelGen.Reports;

/// <summary>Colours, lines and shapes of series. Colour and shape change together with different periods, so 36 series differ.</summary>
internal static class Marks
{
    /// <summary>Colours that people with any colour vision tell apart (Okabe and Ito 2008), and two more.</summary>
    private static readonly string[] Palette =
    [
        "#0072b2",
        "#d55e00",
        "#009e73",
        "#cc79a7",
        "#e69f00",
        "#56b4e9",
        "#000000",
        "#8c6d31",
        "#6b4c9a",
    ];

    /// <summary>Circle, square, triangle, diamond around 0, 0.</summary>
    private static readonly string[] Shapes =
    [
        "M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0 -6.4 0z",
        "M-3 -3h6v6h-6z",
        "M0 -3.8l3.6 6.4h-7.2z",
        "M0 -4l4 4l-4 4l-4 -4z",
    ];

    public static string Ink(PlotSeries series) => series.Color < 0 ? "#777" : Palette[series.Color % Palette.Length];

    /// <summary>Attributes of a line.</summary>
    public static string Stroke(PlotSeries series) =>
        $"fill=\"none\" stroke=\"{Ink(series)}\" stroke-width=\"1.5\"{(series.Dashed ? " stroke-dasharray=\"5 4\"" : "")}";

    /// <summary>A mark; its words appear under the pointer.</summary>
    public static string At(double x, double y, PlotSeries series, string words) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"<path transform=\"translate({x:F1} {y:F1})\" d=\"{Shapes[Math.Max(series.Color, 0) % Shapes.Length]}\" "
                + $"fill=\"{(series.Hollow ? "#fff" : Ink(series))}\" stroke=\"{Ink(series)}"
                + $"\">{(words.Length > 0 ? $"<title>{SvgPlot.Text(words)}</title>" : "")}</path>"
        );
}
