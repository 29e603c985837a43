using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using KernelGen.Reports;

namespace KernelGen.Cli.Tests;

/// <summary>Curves, bounds and plots of plan, predict and report, on runs planted from a unified law.</summary>
public sealed class LawPlanTests : IDisposable
{
    private const double F = 0.43,
        C = 1.6;

    private readonly string _folder = Directory.CreateTempSubdirectory("kernelgen-plan").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string File(string name) => Path.Combine(_folder, name);

    private static double Rho(double gmse) => Math.Pow(Math.Tanh(F * -0.5 * Math.Log2(gmse)), C);

    /// <summary>Runs in dense, i2, i4 and i8 weights and one scheme of a family of its own.</summary>
    private (string Runs, string Representations) Planted()
    {
        (string Name, double Gmse)[] formats = [("i2", 0.12), ("i4", 0.0115), ("i8", 9e-5)];
        var random = new Random(3);
        var lines = new List<string> { "params,tokens,weights,activations,loss" };
        foreach (double n in new[] { 3e7, 1e8, 4e8, 2e9 })
        {
            foreach (double ratio in new[] { 5.0, 20, 100 })
            {
                void Row(string weights, string activations, double rho) =>
                    lines.Add(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{n},{n * ratio},{weights},{activations}"
                                + $",{(480 / Math.Pow(n * rho, 0.35) + 2100 / Math.Pow(n * ratio, 0.37) + 1.8) * Math.Exp(2e-4 * (random.NextDouble() - 0.5))}"
                        )
                    );
                Row("dense", "dense", 1);
                foreach ((string name, double gmse) in formats)
                {
                    Row(name, "dense", Rho(gmse));
                }
                Row("odd", "odd", 0.5);
            }
        }
        System.IO.File.WriteAllLines(File("runs.csv"), lines);
        System.IO.File.WriteAllText(File("reps.csv"), "name,bits,gmse,family\ni2,2,.12,f\ni4,4,.0115,f\ni8,8,9e-5,f\nodd,4,.02,g\n");
        return (File("runs.csv"), File("reps.csv"));
    }

    private string Law(out string representations)
    {
        (string runs, representations) = Planted();
        Cli.Run(
                "fit",
                runs,
                "--representations",
                representations,
                "--law",
                "unified",
                "--bootstrap",
                "10",
                "-o",
                File("law.json"),
                "--plot",
                File("fit.svg")
            )
            .Succeeds();
        return File("law.json");
    }

    private void IsPicture(string name, params string[] words)
    {
        string text = System.IO.File.ReadAllText(File(name));
        Assert.Equal("svg", XDocument.Parse(text).Root!.Name.LocalName);
        Assert.DoesNotContain("NaN", text);
        Assert.DoesNotContain("∞", text);
        Assert.All(words, word => Assert.Contains(word, text));
    }

    [Fact]
    public void A_family_of_one_representation_in_both_parts_gets_one_free_number()
    {
        using JsonDocument law = JsonDocument.Parse(System.IO.File.ReadAllText(Law(out _)));
        JsonElement p = law.RootElement.GetProperty("parameters");
        Assert.Equal("held", p.GetProperty("C[g]").GetProperty("status").GetString());
        Assert.Equal("fitted", p.GetProperty("F[g]").GetProperty("status").GetString());
        Assert.Equal(F, p.GetProperty("F[weights:f]").GetProperty("value").GetDouble(), 0.01);
        Assert.Equal(C, p.GetProperty("C[weights:f]").GetProperty("value").GetDouble(), 0.03);
        IsPicture("fit.svg", "50M", "odd × odd");
    }

    [Fact]
    public void IsoFlop_rows_cost_the_same_and_the_best_has_the_least_loss()
    {
        string law = Law(out string representations);
        JsonElement[] rows = Cli.Run(
                "plan",
                "--law",
                law,
                "--isoflop",
                "1e21",
                "i4",
                "i2",
                "--representations",
                representations,
                "--plot",
                File("p.svg"),
                "-o",
                "json"
            )
            .Succeeds()
            .Rows;
        Assert.Equal(39, rows.Length);
        Assert.All(rows, row =>
            Assert.Equal(1e21, 6 * row.GetProperty("params").GetDouble() * row.GetProperty("tokens").GetDouble(), 1e21 * 1e-9)
        );
        Assert.Equal(["dense", "i4", "i2"], rows.GroupBy(row => row.GetProperty("weights").GetString()).Select(scheme => scheme.Key));
        foreach (var scheme in rows.GroupBy(row => row.GetProperty("weights").GetString()))
        {
            JsonElement best = Assert.Single(scheme, row => row.GetProperty("best").GetBoolean());
            Assert.Equal(scheme.Min(row => row.GetProperty("loss").GetDouble()), best.GetProperty("loss").GetDouble());
        }
        IsPicture("p.svg", "10²¹ FLOP", "i2 × dense");
    }

    [Fact]
    public void IsoLoss_rows_reach_the_loss_and_compression_costs_compute()
    {
        string law = Law(out string representations);
        JsonElement[] rows = Cli.Run(
                "plan",
                "--law",
                law,
                "--isoloss",
                "2.5",
                "i4",
                "i2",
                "--representations",
                representations,
                "--plot",
                File("p.svg"),
                "-o",
                "json"
            )
            .Succeeds()
            .Rows;
        Assert.All(rows, row => Assert.Equal(2.5, row.GetProperty("loss").GetDouble(), 1e-6));
        double[] flop = [.. rows.Where(row => row.GetProperty("cheapest").GetBoolean()).Select(row => row.GetProperty("flop").GetDouble())];
        Assert.Equal(3, flop.Length);
        Assert.True(flop[0] < flop[1] && flop[1] < flop[2]);
        // The cheapest way to a loss is the best use of its compute.
        double loss = Cli.Run("plan", "--law", law, "--compute", flop[0].ToString("R", CultureInfo.InvariantCulture), "-o", "json")
            .Succeeds()
            .Rows[0]
            .GetProperty("loss")
            .GetDouble();
        Assert.Equal(2.5, loss, 1e-6);
        IsPicture("p.svg", "tokens D", "loss of 2.5");
        Cli.Run("plan", "--law", law, "--isoloss", "1.5", "--plot", File("none.svg")).Fails(1, "No size reaches a loss of 1.5");
        Assert.False(System.IO.File.Exists(File("none.svg")));
    }

    [Fact]
    public void Optimality_is_capacity_over_that_of_the_least_error_of_the_width()
    {
        string law = Law(out string representations);
        JsonElement Row(string bound) =>
            Cli.Run(
                    "plan",
                    "--law",
                    law,
                    "--optimality",
                    "i4",
                    "--bound",
                    bound,
                    "--representations",
                    representations,
                    "--plot",
                    File(bound + ".svg"),
                    "-o",
                    "json"
                )
                .Succeeds()
                .Rows[0];
        JsonElement shannon = Row("shannon"),
            scalar = Row("scalar");
        Assert.Equal(Rho(0.0115), shannon.GetProperty("capacity").GetDouble(), 2e-3);
        Assert.Equal(Math.Pow(2, -8), shannon.GetProperty("bound_gmse").GetDouble(), 1e-12);
        Assert.Equal(Rho(Math.Pow(2, -8)), shannon.GetProperty("bound_capacity").GetDouble(), 2e-3);
        Assert.Equal(Rho(0.0115) / Rho(Math.Pow(2, -8)), shannon.GetProperty("optimality").GetDouble(), 2e-3);
        Assert.Equal(0.00950101, scalar.GetProperty("bound_gmse").GetDouble(), 1e-7);
        Assert.True(scalar.GetProperty("optimality").GetDouble() > shannon.GetProperty("optimality").GetDouble());
        IsPicture("shannon.svg", "0.01", "bound: Shannon", "curve of f");
        Cli.Run("plan", "--law", law, "--optimality").Fails(2, "name the formats");
    }

    [Fact]
    public void Every_plan_and_prediction_draws_and_never_over_a_file()
    {
        string law = Law(out string representations);
        Cli.Run(
                "plan",
                "--law",
                law,
                "--memory",
                "1GB",
                "--tokens",
                "1e11",
                "i4",
                "i2",
                "--representations",
                representations,
                "--plot",
                File("memory.svg")
            )
            .Succeeds();
        IsPicture("memory.svg", "1 GB", "i4 × dense");
        Cli.Run(
                "plan",
                "--law",
                law,
                "--params",
                "1e9",
                "--tokens",
                "1e11",
                "i4",
                "--representations",
                representations,
                "--plot",
                File("params.svg")
            )
            .Succeeds();
        IsPicture("params.svg", "Pareto front", "N = 1B");
        Cli.Run("plan", "--law", law, "--compute", "1e21", "--plot", File("compute.svg")).Succeeds();
        IsPicture("compute.svg", "equal compute");
        Cli.Run(
                "predict",
                "--law",
                law,
                "--params",
                "1e9",
                "--tokens",
                "1e11",
                "--weights",
                "i4",
                "--representations",
                representations,
                "--plot",
                File("one.svg")
            )
            .Succeeds();
        IsPicture("one.svg", "i4 × dense", "asked for", "D = 100B");
        Cli.Run("predict", "--law", law, "--runs", File("runs.csv"), "--representations", representations, "--plot", File("many.svg"))
            .Succeeds();
        IsPicture("many.svg", "observed loss", "odd × odd");
        Cli.Run("plan", "--law", law, "--compute", "1e21", "--plot", File("compute.svg")).Fails(1, "--force");
        Cli.Run("predict", "--law", law, "--params", "1e9", "--tokens", "1e11", "--plot", File("one.svg")).Fails(1, "--force");
        Cli.Run("plan", "--law", law, "--isoflop", "1e21", "--compute", "1e21").Fails(2, "one of");
        Cli.Run("plan", "--law", law, "--isoflop", "1e21", "--tokens", "1e9").Fails(2, "leave it out");
        Cli.Run("plan", "--law", law, "--params", "1e9").Fails(2, "--tokens");
    }

    [Fact]
    public void Report_of_compressed_runs_has_every_plot_and_names_mixed_methods()
    {
        (string runs, string representations) = Planted();
        string[] lines = System.IO.File.ReadAllLines(runs);
        System.IO.File.WriteAllLines(
            runs,
            lines.Select(
                (line, i) =>
                    line
                    + (
                        i == 0 ? ",method"
                        : i % 2 == 0 ? ",one"
                        : ",two"
                    )
            )
        );
        Cli.Run("report", runs, "--representations", representations, "--bootstrap", "5", "-o", File("page.html"), "--plots", File("plots"))
            .Succeeds();
        Assert.Equal(
            ["capacity.svg", "factorisation.svg", "loss.svg", "pareto.svg", "predicted.svg", "residuals.svg"],
            Directory.GetFiles(File("plots")).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.All(Directory.GetFiles(File("plots")), path => IsPicture(Path.GetRelativePath(_folder, path)));
        string page = System.IO.File.ReadAllText(File("page.html"));
        Assert.Contains("i4 × dense (one, two)", page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("http://", page.Replace("http://www.w3.org/2000/svg", ""));
    }

    [Theory]
    [InlineData(1e-5, "10⁻⁵")]
    [InlineData(-2e-4, "−2·10⁻⁴")]
    [InlineData(1e21, "10²¹")]
    [InlineData(0, "0")]
    [InlineData(-0.02, "−0.02")]
    [InlineData(12345, "12345")]
    public void Numbers_beside_an_axis_are_readable(double value, string text) => Assert.Equal(text, AxisText.Plain(value));

    [Fact]
    public void Sizes_have_units()
    {
        Assert.Equal(["0.5", "30M", "1.5B", "203.2M", "1T"], new[] { 0.5, 3e7, 1.5e9, 203188480, 1e12 }.Select(AxisText.Count));
        Assert.Equal("1 GB", AxisText.Bytes(1e9));
    }

    [Theory]
    [InlineData(7.4, 8.6, true)]
    [InlineData(7.4, 7.6, true)]
    [InlineData(-5, 0, true)]
    [InlineData(0, 30, true)]
    [InlineData(2.6, 3.8, false)]
    [InlineData(-1e-4, 2e-4, false)]
    public void Axes_have_two_to_nine_ticks_inside(double low, double high, bool log)
    {
        double[] ticks = [.. new Axis(low, high, log).Ticks(7)];
        Assert.InRange(ticks.Length, 2, 9);
        Assert.All(ticks, tick => Assert.InRange(log ? Math.Log10(tick) : tick, low - 1e-9, high + 1e-9));
        Assert.Equal(ticks.Order().Distinct(), ticks);
    }
}
