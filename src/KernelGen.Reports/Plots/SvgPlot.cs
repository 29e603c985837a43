using System.Globalization;
using System.Text;

namespace KernelGen.Reports;

/// <summary>
/// A plot as an SVG picture: marks, lines and bands over linear or logarithmic axes, as large as its legend needs. Text is text, so it
/// can be searched and read aloud.
/// </summary>
internal sealed class SvgPlot(string title, string xTitle, string yTitle)
{
    private const double Left = 76,
        Bottom = 52,
        Line = 16;

    /// <summary>Widths of a letter at 11 and at bold 14 points; wide enough for the sans-serif faces that are in use.</summary>
    private const double Letter = 6.4,
        TitleLetter = 8.2;

    private readonly List<PlotSeries> _series = [];

    /// <summary>Width between the axes.</summary>
    public double Area { get; init; } = 440;

    /// <summary>Least height of the picture.</summary>
    public double Height { get; init; } = 400;

    /// <summary>The legend lies inside, at the top right, where the plot is empty.</summary>
    public bool LegendInside { get; init; }

    public string Title => title;

    /// <summary>Logarithmic axes.</summary>
    public bool LogX { get; init; }

    /// <inheritdoc cref="LogX"/>
    public bool LogY { get; init; }

    /// <summary>A line below the title.</summary>
    public string Note { get; init; } = "";

    /// <summary>Ticks of a logarithmic x axis where powers of ten say little.</summary>
    public IReadOnlyList<double>? XTicks { get; init; }

    /// <summary>How numbers look at the x axis.</summary>
    public Func<double, string> XText { get; init; } = AxisText.Plain;

    /// <summary>How numbers look at the y axis.</summary>
    public Func<double, string> YText { get; init; } = AxisText.Plain;

    /// <summary>Adds a series.</summary>
    public SvgPlot Add(PlotSeries series)
    {
        _series.Add(series with { Points = [.. series.Points] });
        return this;
    }

    /// <summary>The picture.</summary>
    public string Render()
    {
        PlotSeries[] named = [.. _series.Where(s => s.Name.Length > 0).DistinctBy(s => s.Name)];
        double top = Note.Length > 0 ? 50 : 36,
            legend = named.Length == 0 ? 0 : 40 + Letter * named.Max(s => s.Name.Length);
        double width = Math.Max(
            Left + Area + 16 + (LegendInside ? 0 : legend),
            Left + Math.Max(TitleLetter * title.Length, Letter * Note.Length) + 10
        );
        double height = Math.Max(Height, top + 8 + Line * named.Length + 10),
            right = Left + Area,
            floor = height - Bottom;
        Axis x = Axis.Over(_series.SelectMany(s => s.Points).Select(p => p.X), LogX);
        Axis y = Axis.Over(
            _series.SelectMany(s => s.Points.Select(p => p.Y).Concat(s.Band?.SelectMany(b => new[] { b.Low, b.High }) ?? [])),
            LogY
        );
        double X(double value) => Left + x.Share(value) * Area;
        double Y(double value) => floor - y.Share(value) * (floor - top);

        var inside = new Box(Left, top, right, floor);
        double at = LegendInside ? right - legend + 10 : right + 20;
        string[] names = PointNames.Of(
            _series,
            p => (X(p.X), Y(p.Y)),
            inside,
            LegendInside ? [new(at - 12, top, right, top + 8 + Line * named.Length)] : [],
            out int unnamed
        );
        string note = unnamed == 0 ? Note : $"{Note}; {unnamed} names without room are under the pointer";

        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:F0} {height:F0}\" width=\"{width:F0}\" "
                + $"height=\"{height:F0}\" role=\"img\" aria-label=\"{Text(title)}\" class=\"kg\" "
                + $"font-family=\"sans-serif\" font-size=\"11\">\n"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"{SvgTheme.Style}<rect width=\"100%\" height=\"100%\" class=\"kg-paper\"/>\n<text x=\"{Left}\" y=\"20\" font-size=\"14\" "
                + $"font-weight=\"bold\">{Text(title)}</text>\n"
        );
        if (note.Length > 0)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"38\" class=\"kg-soft\">{Text(note)}</text>\n");
        }
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left + Area / 2}\" y=\"{height - 12:F0}\" text-anchor=\"middle\">{Text(xTitle)}</text>\n"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text transform=\"translate(16 {(top + floor) / 2:F0}) rotate(-90)\" text-anchor=\"middle\">{Text(yTitle)}</text>\n"
        );
        IEnumerable<double> ticks =
            LogX && XTicks is not null ? XTicks.Where(tick => x.Share(tick) is >= 0 and <= 1) : x.Ticks((int)(Area / 62));
        foreach (double tick in ticks)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<path d=\"M{X(tick):F1} {top}V{floor}\" class=\"{Grid(tick, LogX)}\"/><text x=\"{X(tick):F1}\" y=\"{floor + 16}"
                    + $"\" text-anchor=\"middle\">{Text(XText(tick))}</text>\n"
            );
        }
        foreach (double tick in y.Ticks(9))
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<path d=\"M{Left} {Y(tick):F1}H{right}\" class=\"{Grid(tick, LogY)}\"/><text x=\"{Left - 6}\" "
                    + $"y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\">{Text(YText(tick))}</text>\n"
            );
        }
        foreach (int i in Enumerable.Range(0, _series.Count).OrderBy(i => !_series[i].Line))
        {
            svg.Append(CultureInfo.InvariantCulture, $"<g data-series=\"{Text(_series[i].Name)}\">\n");
            Draw(svg, _series[i], X, Y);
            svg.Append(names[i]).Append("</g>\n");
        }
        for (int i = 0; i < named.Length; i++)
        {
            double y0 = top + (LegendInside ? 12 : 8) + Line * i;
            svg.Append(
                named[i].Line
                    ? string.Create(CultureInfo.InvariantCulture, $"<path d=\"M{at - 7:F1} {y0:F1}h14\" {Marks.Stroke(named[i])}/>")
                    : Marks.At(at, y0, named[i], "")
            );
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{at + 13:F0}\" y=\"{y0 + 4:F0}\">{Text(named[i].Name)}</text>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>Text between tags or in quotes: nothing in it is markup, or a character that XML has no place for.</summary>
    internal static string Text(string text) =>
        VisibleText.Of(text).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;");

    /// <summary>Zero is a line to read from.</summary>
    private static string Grid(double tick, bool log) => tick == 0 && !log ? "kg-zero" : "kg-grid";

    private static void Draw(StringBuilder svg, PlotSeries series, Func<double, double> x, Func<double, double> y)
    {
        int[] shown =
        [
            .. Enumerable
                .Range(0, series.Points.Count)
                .Where(i => double.IsFinite(x(series.Points[i].X)) && double.IsFinite(y(series.Points[i].Y))),
        ];
        if (series.Line)
        {
            if (series.Band is { } band)
            {
                IEnumerable<string> upper = shown.Select(i => Point(x(series.Points[i].X), y(band[i].High))),
                    lower = shown.Reverse().Select(i => Point(x(series.Points[i].X), y(band[i].Low)));
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<polygon points=\"{string.Join(" ", upper.Concat(lower))}\" class=\"{SvgTheme.Class(series.Color)}\" "
                        + $"fill=\"currentColor\" opacity=\"0.15\"/>\n"
                );
            }
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<polyline points=\"{string.Join(" ", shown.Select(i => Point(x(series.Points[i].X), y(series.Points[i].Y))))}\" "
                    + $"{Marks.Stroke(series)}/>\n"
            );
            return;
        }
        foreach (int i in shown)
        {
            (double px, double py) = series.Points[i];
            if (series.Band is { } bars)
            {
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<path d=\"M{x(px):F1} {y(bars[i].Low):F1}V{y(bars[i].High):F1}\" class=\"{SvgTheme.Class(series.Color)}\" "
                        + $"stroke=\"currentColor\"/>"
                );
            }
            PlotLabel? label = series.Labels.ElementAtOrDefault(i);
            string name = label is null ? series.Name : $"{label.Text} ({series.Name})";
            string words = string.Create(CultureInfo.InvariantCulture, $"{name} {px:G5}, {py:G5}");
            svg.Append(Marks.At(x(px), y(py), series, words, label is { Bold: true })).Append('\n');
        }
    }

    private static string Point(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{x:F1},{y:F1}");
}
