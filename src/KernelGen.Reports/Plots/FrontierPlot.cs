using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>A format in the plot of error by size.</summary>
/// <param name="Name">What is written at the point.</param>
/// <param name="Family">Decides colour and shape.</param>
/// <param name="Bits">Stored bits per weight.</param>
/// <param name="Error">Mean squared error relative to the values' mean square.</param>
internal sealed record FrontierPoint(string Name, string Family, double Bits, double Error);

/// <summary>Error by stored bits: formats with their names, the Pareto front, and Shannon's bound 4^−bits for Gaussian values.</summary>
internal static class FrontierPlot
{
    /// <summary>The picture. Points whose error is zero have no place on its axis and are left to the caller to name.</summary>
    public static string Render(IReadOnlyList<FrontierPoint> points, string values)
    {
        FrontierPoint[] shown = [.. points.Where(IsShown)];
        FrontierPoint[] front = [.. ParetoFront.Of(shown, p => p.Bits, p => p.Error).OrderBy(p => p.Bits)];
        var plot = new SvgPlot("Error by stored bits", "stored bits per weight", $"relative mean squared error: {values}")
        {
            LogY = true,
            // Sixteen bits would press all that people compare into a corner.
            LogX = shown.Length > 0 && shown.Max(p => p.Bits) > 12,
            XTicks = [0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 12, 16, 32],
            Area = shown.Length > 40 ? 1100 : 700,
            Height = shown.Length > 40 ? 860 : 560,
            LegendInside = true,
            Note = "bold: Pareto front; Shannon's bound is 4^−bits, for Gaussian values",
        };
        if (shown.Length > 0)
        {
            plot.Add(
                new("Shannon's bound", [.. Bound(shown)])
                {
                    Line = true,
                    Color = -1,
                    Dashed = true,
                }
            );
            plot.Add(
                new("Pareto front", [.. front.Select(At)])
                {
                    Line = true,
                    Color = -1,
                    Bold = true,
                }
            );
        }
        int color = 0;
        foreach (IGrouping<string, FrontierPoint> family in shown.GroupBy(p => p.Family).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            plot.Add(
                new(family.Key, [.. family.Select(At)])
                {
                    Color = color++,
                    Labels = [.. family.Select(p => new PlotLabel(p.Name, front.Contains(p)))],
                }
            );
        }
        return plot.Render();

        static (double, double) At(FrontierPoint point) => (point.Bits, point.Error);
    }

    /// <summary>Whether a point has a place on a logarithmic axis.</summary>
    public static bool IsShown(FrontierPoint point) => point.Error > 0 && double.IsFinite(point.Error);

    /// <summary>The bound over the range of the points; it ends a little below the least error.</summary>
    private static IEnumerable<(double, double)> Bound(FrontierPoint[] points)
    {
        double low = points.Min(p => p.Bits),
            high = points.Max(p => p.Bits),
            least = points.Min(p => p.Error) / 4;
        high = Math.Max(low, Math.Min(high, -0.5 * Math.Log2(least)));
        return Enumerable.Range(0, 97).Select(i => low + (high - low) * i / 96).Select(b => (b, FormatOptimality.ShannonGmse(b)));
    }
}
