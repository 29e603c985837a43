using System.Globalization;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary>fit, predict, plan, factorize, laws and report from the command line.</summary>
public sealed class LawCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kernelgen-laws").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string File(string name) => Path.Combine(_folder, name);

    private string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    /// <summary>Losses of 480/N^.35 + 2100/D^.37 + 1.8 with a little noise.</summary>
    private string Runs()
    {
        var random = new Random(1);
        IEnumerable<string> rows =
            from n in new[] { 5e7, 2e8, 1e9, 4e9 }
            from ratio in new[] { 5.0, 20, 100 }
            let loss = (480 / Math.Pow(n, 0.35) + 2100 / Math.Pow(n * ratio, 0.37) + 1.8) * Math.Exp(0.002 * (random.NextDouble() - 0.5))
            select string.Create(CultureInfo.InvariantCulture, $"{n},{n * ratio},{loss:R}");
        return Write("runs.csv", "N,D,loss\n" + string.Join("\n", rows) + "\n");
    }

    [Fact]
    public void Fit_predict_and_plan()
    {
        string law = File("law.json"),
            runs = Runs();
        Cli.Run("fit", runs, "--columns", "params=N,tokens=D", "--law", "chinchilla", "--bootstrap", "20", "-o", law).Succeeds();
        Cli.Run("fit", runs, "--columns", "params=N,tokens=D", "--law", "chinchilla", "--bootstrap", "0", "-o", law).Fails(1, "--force");
        double predicted = Cli.Run("predict", "--law", law, "--params", "1e9", "--tokens", "2e10", "-o", "json")
            .Succeeds()
            .Rows[0]
            .GetProperty("predicted")
            .GetDouble();
        Assert.Equal(480 / Math.Pow(1e9, 0.35) + 2100 / Math.Pow(2e10, 0.37) + 1.8, predicted, 0.01);
        var rows = Cli.Run("predict", "--law", law, "--runs", runs, "--columns", "params=N,tokens=D", "-o", "json").Succeeds().Rows;
        Assert.Equal(12, rows.Length);
        Assert.All(rows, row => Assert.InRange(row.GetProperty("error").GetDouble(), -0.02, 0.02));
        Assert.Single(Cli.Run("plan", "--law", law, "--compute", "1e21", "-o", "json").Succeeds().Rows);
        Cli.Run("plan", "--law", law, "--memory", "1GiB").Fails(2, "--tokens");
        Cli.Run("plan", "--law", law, "--tokens", "1e9").Fails(2, "one of");
        Cli.Run("predict", "--law", law, "--params", "1e9").Fails(2, "--tokens");
        Cli.Run("predict", "--law", runs, "--params", "1e9", "--tokens", "1e10").Fails(1, "not a fitted law");
    }

    [Theory]
    [InlineData("", 1, "the file is empty")]
    [InlineData("params,tokens,loss\n1e9,1e10,2.5\n", 1, "there is 1 run")]
    [InlineData("params,tokens,loss\n1e9,1e10,NaN\n", 1, "bad.csv:2, column 'loss'")]
    [InlineData("params,tokens,loss\n1e9,1e10,-2\n", 1, "bad.csv:2, column 'loss'")]
    [InlineData("params,tokens,loss,loss\n1e9,1e10,2,2\n", 1, "twice")]
    [InlineData(
        "params,tokens,loss\n1e9,1e10,2\n1e9,2e10,1.9\n1e9,3e10,1.8\n1e9,4e10,1.7\n1e9,5e10,1.6\n1e9,6e10,1.5\n",
        1,
        "Column 'params'"
    )]
    public void Bad_tables_write_nothing(string text, int code, string words)
    {
        string table = Write("bad.csv", text);
        Cli.Run("fit", table, "--law", "chinchilla", "-o", File("law.json")).Fails(code, words);
        Cli.Run("fit", table, "--law", "chinchila", "-o", File("law.json")).Fails(2, "Did you mean chinchilla");
        Cli.Run("report", table, "-o", File("page.html")).Fails(code, words);
        Assert.Equal([table], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Wrong_command_lines_write_nothing()
    {
        string runs = Runs(),
            law = File("law.json"),
            columns = "params=N,tokens=D";
        Cli.Run("fit", runs, "--columns", columns, "--law", "chinchilla", "--bootstrap", "-5", "-o", law)
            .Fails(2, "'-5' is no whole number");
        Cli.Run("report", runs, "--columns", columns, "--bootstrap", "x", "-o", law).Fails(2, "'x' is no whole number");
        Cli.Run("fit", runs, "--columns", columns, "--law", "chinchilla,kaplan", "-o", law).Fails(2, "only compared");
        Cli.Run("fit", runs, "--columns", columns, "--law", "chinchilla", "--fix", "Q=1", "-o", law).Fails(1, "no parameter 'Q'");
        Cli.Run("fit", runs, "--columns", columns, "--law", "chinchilla", "--bound", "E=3..1", "-o", law).Fails(1, "leave no room");
        Cli.Run("predict", "--law", runs, "--params", "1e9", "--tokens", "1e10").Fails(1, "runs.csv is not a fitted law", "It is not JSON");
        Cli.Run("factorize", Write("sizes.csv", "x,a,b\n1,1e9,2\n2,3,4\n")).Fails(1, "1E+09 is no capacity");
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void A_law_that_cannot_leave_the_largest_out_is_compared_all_the_same()
    {
        string table = Write(
            "few.csv",
            "params,tokens,loss\n1e8,1e10,3\n1e9,1e10,2.6\n1e9,2e10,2.5\n2e9,2e10,2.4\n4e9,1e10,2.35\n4e9,8e10,2.2\n"
        );
        Assert.Contains("chinchilla", Cli.Run("fit", table, "--law", "chinchilla,chinchilla", "--bootstrap", "0").Succeeds().Out);
    }

    [Fact]
    public void Factorize_laws_and_report()
    {
        string matrix = Write("matrix.csv", "x,a,b\n1,1,.5\n2,.8,.5\n");
        var rows = Cli.Run("factorize", matrix, "--plot", File("map.svg"), "-o", "json").Succeeds().Rows;
        Assert.Equal(0.1, rows[3].GetProperty("error").GetDouble(), 1e-12);
        Assert.Contains("<svg", System.IO.File.ReadAllText(File("map.svg")));
        Cli.Run("factorize", matrix, "--row", "3").Fails(2, "--row");
        Assert.Contains(Cli.Run("laws", "-o", "json").Succeeds().Rows, row => row.GetProperty("law").GetString() == "unified");
        Cli.Run("report", Runs(), "--columns", "params=N,tokens=D", "--bootstrap", "10", "-o", File("page.html"), "--plots", File("plots"))
            .Succeeds();
        string page = System.IO.File.ReadAllText(File("page.html"));
        Assert.Equal(3, page.Split("<figure>").Length - 1);
        Assert.DoesNotContain("<script", page);
        Assert.Equal(3, Directory.GetFiles(File("plots")).Length);
    }

    [Fact]
    public void Report_compares_laws_that_are_joined_by_commas()
    {
        string page = File("laws.html");
        Cli.Run("report", Runs(), "--columns", "params=N,tokens=D", "--law", "chinchilla,kaplan", "--bootstrap", "0", "-o", page)
            .Succeeds();
        string text = System.IO.File.ReadAllText(page);
        Assert.Contains("By AIC chinchilla is best", text);
        Assert.Contains("<td>kaplan</td>", text);
        Assert.Equal(6, text.Split("<figure>").Length - 1);
        Cli.Run("report", Runs(), "--columns", "params=N,tokens=D", "--law", "chinchilla,nolaw", "-o", File("n.html")).Fails(2, "nolaw");
    }

    /// <summary>Every loss has its own optimum: G·(C/6)^(β/(α+β)).</summary>
    [Fact]
    public void Each_loss_column_has_a_fit_and_an_optimum()
    {
        (string Name, double A, double B)[] planted = [("easy", 480, 2100), ("hard", 480, 8400)];
        IEnumerable<string> rows =
            from n in new[] { 5e7, 2e8, 1e9, 4e9 }
            from ratio in new[] { 5.0, 20, 100 }
            let losses = planted.Select(p => p.A / Math.Pow(n, 0.35) + p.B / Math.Pow(n * ratio, 0.37) + 1.8)
            select string.Create(
                CultureInfo.InvariantCulture,
                $"{n},{n * ratio},{string.Join(',', losses.Select(l => l.ToString("R", CultureInfo.InvariantCulture)))}"
            );
        string runs = Write("two.csv", "N,D,easy,hard\n" + string.Join("\n", rows) + "\n");
        string[] fit =
        [
            "fit",
            runs,
            "--law",
            "chinchilla",
            "--columns",
            "params=N,tokens=D",
            "--losses",
            "easy,hard",
            "--at-compute",
            "6e20",
        ];
        string[][] printed =
        [
            .. Cli.Run(fit).Succeeds().Out.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
        ];
        foreach ((string name, double a, double b) in planted)
        {
            double best = Math.Pow(0.35 * a / (0.37 * b), 1 / 0.72) * Math.Pow(1e20, 0.37 / 0.72);
            string[] row = printed.Single(cells => cells.Length > 8 && cells[0] == name);
            Assert.Equal(1, double.Parse(row[8], CultureInfo.InvariantCulture) / best, 0.01);
        }
        Cli.Run([.. fit, "--each", "N"]).Fails(2, "either --each or --losses");
        Cli.Run("fit", runs, "--law", "chinchilla", "--at-compute", "1e20").Fails(2, "go with --each or --losses");
        Cli.Run("fit", runs, "--law", "chinchilla", "--columns", "params=N,tokens=D,loss=easy", "--losses", "hard")
            .Fails(2, "leave loss out");
        Cli.Run("fit", runs, "--law", "power", "--columns", "params=N,tokens=D", "--losses", "hard", "--at-compute", "1e20")
            .Fails(2, "asks for the best N and D");
    }
}
