using System.Globalization;
using KernelGen.Scaling;

namespace KernelGen.Cli.Tests;

/// <summary>Every law with every command about laws: a result, or one line that says why not; never a stack trace.</summary>
public sealed class EveryLawTests : IDisposable
{
    private static readonly string[] Sets =
    [
        "sparsity=0.5,experts=8,exponent_bits=4,mantissa_bits=3,block=128,group_size=64",
        "vocabulary=32000,width=1024,characters=1e10,batch=1e6,lr=1e-3,loss_x=3.2,steps=1e4",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("kernelgen-every").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Laws() => [.. LawCatalog.All.Select(law => law.Name)];

    private string File(string name) => Path.Combine(_folder, name);

    private string Runs()
    {
        var random = new Random(2);
        IEnumerable<string> rows = Enumerable
            .Range(0, 60)
            .Select(i =>
            {
                double n = 3e7 * Math.Pow(2, i % 6),
                    d = n * (5 + 15 * (i % 5)),
                    loss = (480 / Math.Pow(n, 0.35) + 2100 / Math.Pow(d, 0.37) + 1.8) * (1 + 0.01 * random.NextDouble());
                string weights = i % 3 == 0 ? "sparse50%" : "dense";
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{n},{d},{6 * n * d},{weights},m{i % 2},{loss:R},{0.1 * (i % 8)},{1 << (i % 5)},{1 + i % 5},{1 + i % 4},{16 << (i % 4)},{32 << (i % 3)},{4000 + 3000 * i},{512 << (i % 3)},{4 * d},{1e5 * (1 + i)},{1e-4 * (1 + i % 7)},{loss + 0.3},{1000 * (1 + i)}"
                );
            });
        System.IO.File.WriteAllText(
            File("runs.csv"),
            "params,tokens,flops,weights,method,loss,sparsity,experts,exponent_bits,mantissa_bits,block,group_size,vocabulary,width,characters,batch,lr,loss_x,steps\n"
                + string.Join("\n", rows)
                + "\n"
        );
        return File("runs.csv");
    }

    /// <summary>A result, a failure or a wrong command line: each in at most a few lines, none of them a trace.</summary>
    private static Cli Calm(params string[] args)
    {
        Cli result = Cli.Run(args);
        string command = string.Join(' ', args);
        Assert.True(result.Code is 0 or 1 or 2, $"{command}: exit code {result.Code}");
        Assert.DoesNotMatch(@"(?m)^\s+at [A-Z]\w+\.", result.Error + result.Out);
        Assert.DoesNotContain("Exception", result.Error, StringComparison.Ordinal);
        Assert.True(result.Code == 0 || result.Error.Length > 0, $"{command}: failed without a word");
        Assert.True(result.Code != 0 || result.Out.Length > 0 || args[0] == "report", $"{command}: nothing came out");
        return result;
    }

    [Theory]
    [MemberData(nameof(Laws))]
    public void A_law_goes_with_every_command(string name)
    {
        string runs = Runs(),
            law = File("law.json");
        Calm("fit", runs, "--law", name, "--bootstrap", "0");
        Calm("fit", runs, "--law", name, "--bootstrap", "3", "-o", law, "--plot", File("fit.svg"));
        Calm("fit", runs, "--law", name + ",chinchilla", "--bootstrap", "0");
        Calm("fit", runs, "--law", name, "--each", "method");
        Calm("fit", runs, "--law", name, "--each", "method", "--at-tokens", "1e10");
        Calm("report", runs, "--law", name, "--bootstrap", "0", "-o", File("page.html"), "--plots", File("plots"));
        IScalingLaw own = LawCatalog.Create(name, []);
        string[] reads = [.. own.Columns.Select(column => column.Name)];
        string set = string.Join(',', Sets.SelectMany(part => part.Split(',')).Where(pair => reads.Contains(pair.Split('=')[0])));
        foreach (string source in (string[])[law, name, .. own.Published.Select(s => $"{name}:{s.Name}"), $"{name}:none"])
        {
            Predictions(source, set, runs);
            Calm("predict", "--law", source, "--params", "1e8", "--tokens", "2e9", "--set", string.Join(',', Sets));
        }
        foreach (string source in (string[])[law, .. own.Published.Take(1).Select(s => $"{name}:{s.Name}")])
        {
            Plans(source, set);
        }
    }

    private void Predictions(string source, string set, string runs)
    {
        string[][] inputs =
        [
            ["--params", "1e8", "--tokens", "2e9"],
            ["--params", "1e8", "--tokens", "2e9", "--set", set],
            ["--params", "1e8", "--tokens", "2e9", "--set", set, "--weights", "sparse50%"],
            ["--params", "1e8", "--tokens", "2e9", "--set", set, "--weights", "sparse50%", "--kv", "sparse50%", "--borrow", "published"],
            ["--params", "1e8", "--tokens", "2e9", "--set", set + ",sparsity=1"],
            ["--params", "1e12", "--tokens", "1e3", "--set", set, "--plot", File("predict.svg"), "--force"],
            ["--set", set],
            ["--runs", runs],
            ["--runs", runs, "--borrow", "published", "--plot", File("runs.svg"), "--force"],
        ];
        foreach (string[] input in inputs)
        {
            Calm(["predict", "--law", source, .. input]);
        }
    }

    private void Plans(string source, string set)
    {
        string[][] budgets =
        [
            ["--params", "1e8", "--tokens", "2e9"],
            ["--memory", "1GB", "--tokens", "2e9", "--context", "1024", "--batch", "2", "--bandwidth", "1TB"],
            ["--memory", "1GB", "--tokens", "2e9", "--explain", "1"],
            ["--compute", "1e19", "--memory", "1GB", "--inference-tokens", "1e9", "--explain", "1"],
            ["--compute", "1e-3"],
            ["--isoflop", "1e19"],
            ["--isoloss", "2.9"],
            ["--optimality", "sparse50%"],
        ];
        foreach (string[] budget in budgets)
        {
            Calm(["plan", "--law", source, .. budget]);
            Calm([
                "plan",
                "--law",
                source,
                "--set",
                set,
                "--borrow",
                "published",
                "--plot",
                File("plan.svg"),
                "--force",
                .. budget,
                "sparse50%",
            ]);
        }
        Calm(
            "plan",
            "--law",
            source,
            "--params",
            "1e8",
            "--tokens",
            "2e9",
            "--vary",
            "experts=1,2",
            "--vary",
            "sparsity=0,.5",
            "--sparsity",
            "dense,2:4"
        );
    }

    [Fact]
    public void Laws_and_the_matrix_list_every_law()
    {
        Assert.Equal(LawCatalog.All.Count, Cli.Run("laws", "-o", "json").Succeeds().Rows.Length);
        var rows = Cli.Run("laws", "--matrix", "-o", "json").Succeeds().Rows;
        Assert.Equal(LawCatalog.All.Sum(law => Math.Max(1, law.Published.Count)), rows.Length);
        Assert.Contains(rows, row => row.GetProperty("law").GetString() == "frantar-sparse" && row.GetProperty("mark").GetString() == "S");
    }

    [Fact]
    public void Published_sets_are_asked_for_by_name_and_their_marks_are_printed()
    {
        Cli tex = Cli.Run("predict", "--law", "chinchilla:hoffmann-tex", "--params", "1e9", "--tokens", "2e10", "-o", "json").Succeeds();
        Assert.Equal(2.53067, tex.Rows[0].GetProperty("predicted").GetDouble(), 5e-6);
        Assert.Contains("chinchilla:hoffmann-tex [S]", tex.Error);
        Cli.Run("predict", "--law", "kaplan", "--params", "1e9", "--tokens", "2e10").Fails(2, "kaplan:kaplan [S2]");
        Cli.Run("predict", "--law", "kaplan:kaplan", "--params", "1e9", "--tokens", "2e10").Succeeds();
        Cli.Run("predict", "--law", "chinchilla:nobody", "--params", "1e9", "--tokens", "2e10").Fails(2, "chinchilla:besiroglu [S]");
        Cli.Run("predict", "--law", "chinchila", "--params", "1e9", "--tokens", "2e10").Fails(2, "Did you mean chinchilla");
        Cli.Run("predict", "--law", "over-training", "--params", "1e9", "--tokens", "2e10").Fails(2, "fit it");
        Cli.Run("predict", "--law", "chinchilla", "--params", "1e9", "--tokens", "2e10", "--weights", "sparse50%").Fails(1, "--borrow");
    }

    [Fact]
    public void A_fit_on_a_bound_is_used_only_if_the_bound_was_meant()
    {
        string law = File("law.json");
        // Losses without a floor: E ends on 0.
        IEnumerable<string> rows =
            from n in new[] { 5e7, 2e8, 1e9, 4e9 }
            from ratio in new[] { 5.0, 20, 100 }
            select string.Create(
                CultureInfo.InvariantCulture,
                $"{n},{n * ratio},{20 / Math.Pow(n, 0.1) + 30 / Math.Pow(n * ratio, 0.15) - 0.05:R}"
            );
        System.IO.File.WriteAllText(File("floor.csv"), "params,tokens,loss\n" + string.Join("\n", rows) + "\n");
        Cli fit = Cli.Run("fit", File("floor.csv"), "--law", "chinchilla", "--bootstrap", "0", "-o", law);
        Assert.Equal(1, fit.Code);
        Assert.Contains("ended on a bound", fit.Error);
        string[] ask = ["--law", law, "--params", "1e9", "--tokens", "1e11"];
        Cli.Run(["predict", .. ask]).Fails(1, "law.json: E = 0 ended on a bound");
        Cli.Run("plan", "--law", law, "--compute", "1e20").Fails(1, "law.json: E = 0 ended on a bound");
        Cli.Run("fit", File("floor.csv"), "--law", "chinchilla", "--bootstrap", "0", "--bound", "E=0..3", "-o", law, "--force").Succeeds();
        Assert.Contains("\"bound_accepted\": true", System.IO.File.ReadAllText(law));
        Cli.Run(["predict", .. ask]).Succeeds();
    }

    [Fact]
    public void An_input_that_a_law_does_not_read_is_an_error()
    {
        string[] sizes = ["--params", "1e9", "--tokens", "2e10"];
        Cli.Run(["predict", "--law", "chinchilla", .. sizes, "--set", "experts=8"]).Fails(2, "reads no 'experts'");
        Cli.Run(["plan", "--law", "moe-joint", .. sizes, "--vary", "expert=1,8"]).Fails(2, "it reads experts, expert_share");
        Cli.Run(["plan", "--law", "moe-joint", .. sizes, "--vary", "experts=1,8"]).Succeeds();
    }

    [Fact]
    public void Rows_are_explained_one_by_one()
    {
        string[] plan =
        [
            "plan",
            "--law",
            "chinchilla:besiroglu",
            "--borrow",
            "published",
            "--memory",
            "1GB",
            "--tokens",
            "1e11",
            "sparse50%",
        ];
        var rows = Cli.Run([.. plan, "-o", "json"]).Succeeds().Rows;
        var lines = Cli.Run([.. plan, "--explain", "1", "-o", "json"]).Succeeds().Rows;
        double Value(string quantity) =>
            lines.Single(line => line.GetProperty("quantity").GetString() == quantity).GetProperty("value").GetDouble();
        Assert.Equal(rows[0].GetProperty("params").GetDouble(), Value("N"));
        Assert.Equal(1e9, Value("weights, bytes"), 1);
        Assert.Equal(rows[0].GetProperty("loss").GetDouble(), Value("loss (nats per token)"));
        Cli.Run([.. plan, "--explain", "9"]).Fails(2, "rows 1 to 2");
    }

    [Fact]
    public void Negative_losses_are_read_where_a_law_allows_them()
    {
        System.IO.File.WriteAllText(
            File("vocabulary.csv"),
            "params,vocabulary,width,characters,loss\n"
                + string.Join(
                    "\n",
                    from v in new[] { 4e3, 1.6e4, 6.4e4 }
                    from n in new[] { 3e7, 3e8, 1e9 }
                    from h in new[] { 1e9, 1e10 }
                    select string.Create(
                        CultureInfo.InvariantCulture,
                        $"{n},{v},{Math.Cbrt(n)},{h},{1.8 / Math.Pow(n / 1e6, 0.45) + 0.2 / Math.Pow(v / 1e6, 0.3) + 2 / Math.Pow(h / 1e9, 0.45) - 5.5}"
                    )
                )
        );
        Cli fit = Cli.Run("fit", File("vocabulary.csv"), "--law", "vocabulary", "--bootstrap", "0");
        Assert.DoesNotContain("must be positive", fit.Error);
        Assert.Contains("E ", fit.Out);
        Cli.Run("fit", File("vocabulary.csv"), "--law", "chinchilla", "--bootstrap", "0", "--columns", "tokens=characters")
            .Fails(1, "must be positive");
    }
}
