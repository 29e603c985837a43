using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using KernelGen.Reports;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary>The plot of error by bits and the page around it.</summary>
public sealed partial class FrontierTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static FrontierPoint[] Random(int count)
    {
        var random = new Random(5);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                {
                    double bits = 2 + 6 * random.NextDouble();
                    return new FrontierPoint($"format-{i}", $"family{i % 5}", bits, Math.Pow(4, -bits) * (1 + 20 * random.NextDouble()));
                }),
        ];
    }

    [Fact]
    public void Compare_draws_and_writes_a_page()
    {
        string plot = _folder["frontier.svg"];
        string[] command = ["compare", "-n", "20000", "--plot", plot, "-o", "html"];
        string page = Cli.Run(command).Succeeds().Out;
        string svg = File.ReadAllText(plot);
        foreach (string text in new[] { page, svg })
        {
            Assert.Contains(">row-sign</text>", text);
            Assert.Contains(">hand-int8</text>", text);
            Assert.Contains("prefers-color-scheme:dark", text);
            Assert.Empty(Outside(text));
        }
        Assert.Equal("svg", XDocument.Parse(svg).Root!.Name.LocalName);
        Assert.Contains(svg.TrimEnd(), page);
        // It is replaced only with --force, and nothing is measured or printed before that is known.
        Cli.Run(command).Fails(1, "frontier.svg exists", "--force");
        Cli.Run([.. command, "--force"]).Succeeds();
        Cli.Run("compare", "-o", "pdf").Fails(2, "html");
    }

    [Fact]
    public void A_tensor_s_errors_are_drawn_where_a_tensor_is_compared()
    {
        string raw = _folder["w.f32"];
        File.WriteAllBytes(raw, [.. new[] { 1f, 2, 127, 3.5f, -127, 0 }.SelectMany(BitConverter.GetBytes)]);
        string plot = _folder["w.svg"];
        Cli.Run("compare", "--tensor", raw, "-n", "20000", "--plot", plot).Succeeds();
        Assert.Contains("relative mean squared error: w.f32", File.ReadAllText(plot));
    }

    [Fact]
    public void Points_lie_where_the_axes_say()
    {
        FrontierPoint[] points = [new("a", "int", 2, 1e-1), new("b", "int", 4, 1e-3), new("c", "float", 3, 5e-2)];
        XElement svg = XDocument.Parse(FrontierPlot.Render(points, "x")).Root!;
        (double X, double Y) a = Mark(svg, "a (int)"),
            b = Mark(svg, "b (int)"),
            c = Mark(svg, "c (float)");
        Assert.Equal((a.X + b.X) / 2, c.X, 0.11);
        Assert.True(a.Y < c.Y && c.Y < b.Y);
        Assert.Equal(Math.Log(5e-2 / 1e-1) / Math.Log(1e-3 / 1e-1), (c.Y - a.Y) / (b.Y - a.Y), 1e-3);
        // a and b are on the front with c between them
        Assert.Equal(
            ["a", "b", "c"],
            svg.Descendants().Where(e => (string?)e.Attribute("font-weight") == "bold").Skip(1).Select(e => e.Value).Order()
        );
    }

    [Fact]
    public void Names_cover_neither_each_other_nor_marks_and_none_is_dropped_in_silence()
    {
        FrontierPoint[] points = Random(60);
        string text = FrontierPlot.Render(points, "x");
        XElement svg = XDocument.Parse(text).Root!;
        Box[] names = [.. svg.Descendants().Where(e => (string?)e.Attribute("class") == "kg-name").Select(Around)];
        for (int i = 0; i < names.Length; i++)
        {
            Assert.DoesNotContain(names.Skip(i + 1), names[i].Meets);
        }
        Box[] marks =
        [
            .. points.Select(p => Mark(svg, $"{p.Name} ({p.Family})")).Select(m => new Box(m.X - 2.5, m.Y - 2.5, m.X + 2.5, m.Y + 2.5)),
        ];
        Assert.All(names, name => Assert.DoesNotContain(marks, name.Meets));
        Match absent = Absent().Match(text);
        int unnamed = absent.Success ? int.Parse(absent.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        Assert.Equal(points.Length, names.Length + unnamed);
        Assert.InRange(unnamed, 0, 6);
    }

    [Fact]
    public void Hostile_names_are_text()
    {
        const string name = "<img src=x onerror=alert(1)>\"'&\u202e";
        FrontierPoint[] points = [new(name, name, 4, 1e-2), new("zero", "int", 32, 0)];
        var table = new DataTable(new Column("format", "format"), new Column("gmse", "rel. MSE"));
        table.Add(name, 1e-2);
        table.Add("zero", 0.0);
        string page = FrontierPage.Html(name, table, points, name);
        Assert.DoesNotContain("<img", page);
        Assert.DoesNotContain("\u202e", page);
        Assert.Empty(Outside(page));
        Assert.Contains("data-family=\"int\"", page);
        XDocument.Parse(FrontierPlot.Render(points, name));
        XDocument.Parse(FrontierPlot.Render([], "nothing"));
    }

    [Fact]
    public void Every_row_can_be_sorted_by_its_exact_number()
    {
        var table = new DataTable(new Column("format", "format"), new Column("gmse", "rel. MSE", "G2"));
        table.Add("a", 0.123456789);
        table.Add("b", null);
        string page = FrontierPage.Html("t", table, [new("a", "int", 4, 0.1)], "x");
        Assert.Contains("<td class=\"n\" data-v=\"0.123456789\">0.12</td>", page);
        Assert.Contains("<td class=\"n\" data-v=\"\">–</td>", page);
        Assert.Contains("default-src 'none'", page);
        Assert.Contains("<input type=\"checkbox\" checked data-hides=\"int\">", page);
    }

    /// <summary>Anything that a browser would fetch.</summary>
    private static IEnumerable<string> Outside(string text) =>
        Reference().Matches(text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal)).Select(match => match.Value);

    private static (double X, double Y) Mark(XElement svg, string title)
    {
        XElement mark = svg.Descendants().Single(e => e.Name.LocalName == "title" && e.Value.StartsWith(title, StringComparison.Ordinal));
        string[] at = mark.Parent!.Attribute("transform")!.Value.Split('(', ')')[1].Split(' ');
        return (double.Parse(at[0], CultureInfo.InvariantCulture), double.Parse(at[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Where a name is at least, with narrow letters.</summary>
    private static Box Around(XElement text)
    {
        double Number(string name) => double.Parse(text.Attribute(name)!.Value, CultureInfo.InvariantCulture);
        double width = 5.5 * text.Value.Length,
            x = Number("x"),
            y = Number("y");
        double left = (string?)text.Attribute("text-anchor") switch
        {
            "end" => x - width,
            "middle" => x - width / 2,
            _ => x,
        };
        return new(left, y - 8, left + width, y);
    }

    [GeneratedRegex(@"https?:|//[a-z]|url\(|@import|<(link|img|image|iframe|object|script)\b [^>]", RegexOptions.IgnoreCase)]
    private static partial Regex Reference();

    [GeneratedRegex(@"(\d+) names without room")]
    private static partial Regex Absent();
}
