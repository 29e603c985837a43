using System.Globalization;
using System.Net;
using System.Text;

namespace KernelGen.Cli.Plots;

/// <summary>A plot as an SVG picture: dots, lines and bands over linear or logarithmic axes. Text is text, so it can be searched and read aloud.</summary>
internal sealed class SvgPlot(string title, string xTitle, string yTitle)
{
    private const double Width = 640, Height = 400, Left = 70, Right = 150, Top = 36, Bottom = 52;

    /// <summary>Colours that people with any colour vision tell apart (Okabe and Ito 2008).</summary>
    private static readonly string[] Palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6d31", "#6b4c9a"];

    private readonly List<PlotSeries> _series = [];

    public string Title => title;

    /// <summary>Logarithmic x axis.</summary>
    public bool LogX { get; init; }

    /// <summary>Adds a series.</summary>
    public SvgPlot Add(PlotSeries series)
    {
        _series.Add(series with { Points = [.. series.Points] });
        return this;
    }

    /// <summary>The picture.</summary>
    public string Render()
    {
        var xs = _series.SelectMany(s => s.Points).Select(p => LogX ? Math.Log10(p.X) : p.X).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var ys = _series.SelectMany(s => s.Points.Select(p => p.Y).Concat(s.Band?.SelectMany(b => new[] { b.Low, b.High }) ?? [])).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        (double x0, double x1) = Padded(xs.Min(), xs.Max());
        (double y0, double y1) = Padded(ys.Min(), ys.Max());
        double X(double x) => Left + ((LogX ? Math.Log10(x) : x) - x0) / (x1 - x0) * (Width - Left - Right);
        double Y(double y) => Height - Bottom - (y - y0) / (y1 - y0) * (Height - Top - Bottom);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"{Text(title)}\" font-family=\"sans-serif\" font-size=\"11\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>\n<text x=\"{Left}\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{Text(title)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 12}\" text-anchor=\"middle\">{Text(xTitle)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(16 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{Text(yTitle)}</text>\n");
        foreach (double tick in LogX ? LogTicks(x0, x1) : Ticks(x0, x1))
        {
            double at = Left + (tick - x0) / (x1 - x0) * (Width - Left - Right);
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{at:F1} {Top}V{Height - Bottom}\" stroke=\"#ddd\"/><text x=\"{at:F1}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{(LogX ? Math.Pow(10, tick) : tick):G3}</text>\n");
        }
        foreach (double tick in Ticks(y0, y1))
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Y(tick):F1}H{Width - Right}\" stroke=\"#ddd\"/><text x=\"{Left - 6}\" y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\">{tick:G4}</text>\n");
        }
        foreach (PlotSeries series in _series)
        {
            Draw(svg, series, X, Y);
        }
        PlotSeries[] named = [.. _series.Where(s => s.Name.Length > 0).DistinctBy(s => s.Name)];
        for (int i = 0; i < named.Length; i++)
        {
            double y = Top + 8 + 16 * i;
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Width - Right + 10}\" y=\"{y - 5}\" width=\"10\" height=\"{(named[i].Line ? 3 : 10)}\" fill=\"{Ink(named[i])}\"/><text x=\"{Width - Right + 26}\" y=\"{y + 4}\">{Text(named[i].Name)}</text>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    internal static string Text(string text) => WebUtility.HtmlEncode(text);

    private static void Draw(StringBuilder svg, PlotSeries series, Func<double, double> x, Func<double, double> y)
    {
        if (series.Band is { } band)
        {
            IEnumerable<string> upper = series.Points.Select((p, i) => Point(x(p.X), y(band[i].High))), lower = series.Points.Select((p, i) => Point(x(p.X), y(band[i].Low))).Reverse();
            svg.Append(CultureInfo.InvariantCulture, $"<polygon points=\"{string.Join(" ", upper.Concat(lower))}\" fill=\"{Ink(series)}\" opacity=\"0.15\"/>\n");
        }
        if (series.Line)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{string.Join(" ", series.Points.Select(p => Point(x(p.X), y(p.Y))))}\" fill=\"none\" stroke=\"{Ink(series)}\" stroke-width=\"1.5\"{(series.Dashed ? " stroke-dasharray=\"5 4\"" : "")}/>\n");
            return;
        }
        foreach ((double px, double py) in series.Points)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x(px):F1}\" cy=\"{y(py):F1}\" r=\"3.2\" fill=\"{Ink(series)}\"><title>{Text(series.Name)} {px:G5}, {py:G5}</title></circle>\n");
        }
    }

    private static string Point(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{x:F1},{y:F1}");

    private static string Ink(PlotSeries series) => series.Color < 0 ? "#777" : Palette[series.Color % Palette.Length];

    private static (double, double) Padded(double low, double high)
    {
        double pad = high > low ? 0.05 * (high - low) : Math.Max(1e-3, 0.05 * Math.Abs(low));
        return (low - pad, high + pad);
    }

    /// <summary>Logarithms of 1, 2 and 5 times the powers of ten; of the powers alone over more than three of them.</summary>
    private static IEnumerable<double> LogTicks(double low, double high)
        => from power in Enumerable.Range((int)Math.Floor(low), (int)Math.Ceiling(high) - (int)Math.Floor(low) + 1)
           from factor in high - low > 3 ? new[] { 1.0 } : [1, 2, 5]
           let tick = power + Math.Log10(factor)
           where tick >= low && tick <= high
           select tick;

    /// <summary>Round numbers: 1, 2 or 5 times a power of ten, four to nine of them.</summary>
    private static IEnumerable<double> Ticks(double low, double high)
    {
        double rough = (high - low) / 6, power = Math.Pow(10, Math.Floor(Math.Log10(rough))), step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
        for (double tick = Math.Ceiling(low / step) * step; tick <= high + 1e-9 * step; tick += step)
        {
            yield return Math.Abs(tick) < 1e-9 * step ? 0 : tick;
        }
    }
}
