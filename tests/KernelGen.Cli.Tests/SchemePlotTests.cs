using System.Xml.Linq;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Tests;

/// <summary>Plots of many schemes: names at the points, and a legend of what they have in common.</summary>
public sealed class SchemePlotTests
{
    private const int Formats = 30;

    private static readonly RepresentationPoint[] Activations = [RepresentationPoint.Dense, new("int4", 4, 0.01, "int")];

    private static LawInput Scheme(int i, int activations) =>
        new(1e8, 1e9, new RepresentationPoint($"format-{i}", 2 + i % 7, 0.1 / (1 + i), $"family{i % 3}"), Activations[activations]);

    private static string[] Legend(XElement svg) =>
        [.. svg.Elements().Where(e => e.Name.LocalName == "text").Select(e => e.Value).Where(text => text.Contains('t'))];

    private static XElement[] Names(XElement svg) => [.. svg.Descendants().Where(e => (string?)e.Attribute("class") == "kg-name")];

    [Fact]
    public void The_front_names_its_points()
    {
        (double Bytes, LossForecast)[] rows =
        [
            .. from i in Enumerable.Range(0, Formats)
            from activations in Enumerable.Range(0, 2)
            let loss = 3 + 0.02 * ((i * 37 + activations * 11) % 41)
            select (1e6 * (i + 1), new LossForecast(Scheme(i, activations), loss, loss - 0.01, loss + 0.01)),
        ];
        XElement svg = XDocument.Parse(LawPlots.Front("front", rows)).Root!;
        Assert.Equal(
            ["Pareto front", "dense activations", "int4 activations"],
            Legend(svg).Where(text => text.EndsWith("activations", StringComparison.Ordinal) || text == "Pareto front").Distinct()
        );
        Assert.DoesNotContain(Legend(svg), text => text.StartsWith("format-", StringComparison.Ordinal));
        // Every format of the front is written in bold, and of all 60 points nearly all are named.
        string[] front =
        [
            .. ParetoFront.Of(rows, row => row.Bytes, row => row.Item2.Loss).Select(row => row.Item2.Input.Weights.Name).Order(),
        ];
        Assert.Equal(front, Names(svg).Where(name => name.Attribute("font-weight") is not null).Select(name => name.Value).Order());
        Assert.InRange(Names(svg).Length, 50, 60);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(Formats, 8)]
    public void Few_schemes_are_in_the_legend_and_of_many_the_runs_farthest_off_are_named(int formats, int named)
    {
        TrainingRun[] runs =
        [
            .. from i in Enumerable.Range(0, formats)
            from activations in Enumerable.Range(0, formats > 9 ? 2 : 1)
            select new TrainingRun(Scheme(i, activations), 3 + 0.001 * i),
        ];
        XElement svg = XDocument.Parse(LawPlots.Predicted(runs, input => 3 + 0.0001 * input.Weights.Bits * (input.Weights.Gmse + 1))).Root!;
        Assert.Equal(formats > 9 ? 0 : formats, Legend(svg).Count(text => text.StartsWith("format-", StringComparison.Ordinal)));
        Assert.InRange(Names(svg).Length, named / 2, named);
    }
}
