using System.Text.Json;
using KernelGen.Cli.Input;
using KernelGen.Reports;
using KernelGen.Tests;
using KernelGen.Training;

namespace KernelGen.Cli.Tests;

/// <summary>train and sweep, with a trainer that answers at once.</summary>
public sealed class SweepTests : IDisposable
{
    private const string Grid = """
        { "name": "grid", "defaults": { "tokensPerParameter": 100 }, "blocks": [
          { "name": "weights", "sizes": ["25k", "12k"], "weights": ["dense", "hand-int8", "2:4"] },
          { "name": "seeds", "sizes": "12k", "weights": ["dense", "2:4"], "seeds": [0, 1] } ] }
        """;

    private readonly ScratchFolder _folder = new();
    private readonly List<(TrainingSpec Spec, int Threads)> _trained = [];
    private double _shift;

    public void Dispose() => _folder.Dispose();

    private Cli Run(params string[] args) => Cli.RunIn(environment => environment with { Train = Train }, args);

    private TrainingOutcome Train(
        TrainingSpec spec,
        FormatCatalog formats,
        int threads,
        IProgress<TrainingProgress>? progress,
        string? checkpoint,
        string? state,
        CancellationToken cancel
    )
    {
        lock (_trained)
        {
            _trained.Add((spec, threads));
        }
        progress?.Report(new(spec.Tokens / 2, spec.Tokens, 3, 1000));
        if (spec.Method == "bad")
        {
            throw new ArgumentException("there is no method 'bad'. Did you mean bald?");
        }
        if (checkpoint is not null)
        {
            File.WriteAllText(checkpoint, "weights");
        }
        if (spec.Seed == 7)
        {
            throw new TrainingDivergedException(12, 3456, 0.01);
        }
        double loss = spec.Seed == 8 ? double.NaN : 2 + 100.0 / spec.Parameters + 0.01 * spec.Seed + _shift;
        return new(spec.Parameters, spec.Tokens, loss, 0.001, 1.5, 7, [new(10, 4), new(20, 3.5)]);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    [Fact]
    public void Train_passes_every_field_on_and_prints_the_outcome()
    {
        JsonElement row = Run(
                "train",
                "--size",
                "25k",
                "--hidden",
                "64",
                "--context",
                "32",
                "--tokens",
                "1e4",
                "--batch-tokens",
                "256",
                "--lr",
                "0.002",
                "--weight-decay",
                "0",
                "--seed",
                "3",
                "-w",
                "2:4+hand-int8",
                "-a",
                "hand-int8",
                "-m",
                "quest",
                "--optimizer",
                "amsgrad",
                "--schedule",
                "wsd:cooldown=0.3",
                "--qat-from",
                "0.75",
                "--qat-fused",
                "--parameterisation",
                "mup",
                "--untied",
                "--corpus",
                "book.txt",
                "-t",
                "1",
                "--checkpoint",
                _folder["model.safetensors"],
                "--curve",
                _folder["curve.csv"],
                "-o",
                "json"
            )
            .Succeeds()
            .Rows[0];
        TrainingSpec expected = ModelSizes.Of("25k").Spec() with
        {
            Hidden = 64,
            Context = 32,
            Tokens = 10000,
            BatchTokens = 256,
            LearningRate = 0.002,
            WeightDecay = 0,
            Seed = 3,
            Weights = "2:4+hand-int8",
            Activations = "hand-int8",
            Method = "quest",
            Optimizer = "amsgrad",
            Schedule = "wsd:cooldown=0.3",
            QatFrom = 0.75,
            QatFused = true,
            Parameterisation = "mup",
            TiedEmbeddings = false,
            Data = "book.txt",
        };
        Assert.Equal((expected, 1), Assert.Single(_trained));
        Assert.Equal(
            (expected.Parameters, 10000, "quest", 3),
            (
                row.GetProperty("params").GetInt64(),
                row.GetProperty("tokens").GetInt64(),
                row.GetProperty("method").GetString(),
                row.GetProperty("seed").GetInt32()
            )
        );
        Assert.Equal(2.03 + 100.0 / expected.Parameters, row.GetProperty("loss").GetDouble(), 1e-9);
        Assert.Equal("tokens,loss\n10,4\n20,3.5\n", File.ReadAllText(_folder["curve.csv"]));
        Run("train", "--checkpoint", _folder["model.safetensors"]).Fails(1, "--force");
        Assert.Single(_trained);
        Run("train", "--tokens-per-parameter", "7").Succeeds();
        Assert.Equal(ModelSizes.All[0].Spec(7), _trained[1].Spec);
    }

    [Theory]
    [InlineData("--size", "13k", "Did you mean 12k")]
    [InlineData("--weights", "int44", "'int44' is neither a format nor a mask")]
    [InlineData("--heads", "5", "Width is 24; it must be a multiple of 10")]
    [InlineData("--lr", "-1", "--learning-rate: -1 is not positive")]
    [InlineData("--tokens", "0.5", "no whole number")]
    [InlineData("--method", "bad", "no method 'bad'")]
    [InlineData("--data", "quantta", "--data: there is no language 'quantta'. Did you mean quanta")]
    [InlineData("--schedule", "wsd:cooldown=2", "cooldown is '2'; it must be a share of the steps above 0, at most 0.9")]
    [InlineData("--parameterisation", "mop", "Parameterisation is 'mop'. Did you mean mup")]
    [InlineData("--qat-from", "2", "QatFrom is 2; it must be a share of the steps from 0 to 1")]
    [InlineData("--activations", "shared4:", "'shared4:': there is no element 'shared4'")]
    public void Wrong_fields_are_usage_errors(string option, string value, string words) => Run("train", option, value).Fails(2, words);

    [Fact]
    public void A_run_that_diverges_fails()
    {
        Cli run = Run("train", "--seed", "8", "--weights", "2:4", "-o", "csv");
        Assert.Equal(1, run.Code);
        Assert.Contains("diverged", run.Error);
        Run("train", "--seed", "7").Fails(1, "diverged", "step 12");
    }

    [Fact]
    public void A_sweep_is_run_once_shown_and_exported()
    {
        string spec = Write("grid.json", Grid),
            database = _folder["grid.db"];
        JsonElement[] plan = Run("sweep", spec, "--database", database, "--dry-run", "-o", "json").Succeeds().Rows;
        Assert.Equal(8, plan[^1].GetProperty("runs").GetInt32()); // 2 sizes by 3, two more seeds
        Assert.False(File.Exists(database));
        Assert.Contains("8 runs trained, 8 done in all", Run("sweep", spec, "--database", database, "-t", "2").Succeeds().Error);
        Assert.All(_trained, run => Assert.Equal(1, run.Threads));
        Assert.All(_trained.Take(5), run => Assert.Equal(ModelSizes.Of("12k").Width, run.Spec.Width)); // smallest first
        Assert.Contains("0 runs trained, 8 done in all", Run("sweep", spec, "-d", database).Succeeds().Error);
        Assert.Equal(8, _trained.Count);
        JsonElement[] status = Run("sweep", "status", database, "-o", "json").Succeeds().Rows;
        Assert.Equal(["seeds", "weights", "weights", "all"], status.Select(row => row.GetProperty("group").GetString()));
        Assert.All(status, row => Assert.Equal(row.GetProperty("runs").GetInt32(), row.GetProperty("done").GetInt32()));

        string table = _folder["runs.csv"];
        Run("sweep", "export", database, "-o", table).Succeeds();
        Run("sweep", "export", database, "-o", table).Fails(1, "--force");
        string[] lines = File.ReadAllLines(table);
        Assert.StartsWith("params,tokens,loss,loss_se,entropy,weights,activations,method,group,seed,", lines[0]);
        Assert.Equal(9, lines.Length);
        Assert.Equal(string.Concat(lines.Select(line => line + "\n")), Run("sweep", "export", database).Succeeds().Out);
        // What LAWS makes of it: too few sizes for a fit, but a table it can read.
        Run("fit", table, "--law", "chinchilla", "--bootstrap", "0").Fails(1, "do not determine");
    }

    [Fact]
    public void Shares_and_arrays_give_each_run_once_and_merge_to_the_whole()
    {
        string spec = Write("grid.json", Grid);
        Run("sweep", spec, "-d", _folder["1.db"], "--shard", "1/2").Succeeds();
        Cli.RunIn(
                environment =>
                    environment with
                    {
                        Train = Train,
                        Variable = name =>
                            name switch
                            {
                                "SLURM_ARRAY_TASK_ID" => "12",
                                "SLURM_ARRAY_TASK_COUNT" => "2",
                                "SLURM_ARRAY_TASK_MIN" => "10",
                                "SLURM_ARRAY_TASK_STEP" => "2",
                                _ => null,
                            },
                    },
                "sweep",
                spec,
                "-d",
                _folder["2.db"],
                "--array"
            )
            .Succeeds();
        Assert.Equal(8, _trained.Select(run => run.Spec.Key).Distinct().Count());
        Assert.Equal(8, _trained.Count);
        Assert.Contains("8 runs done of 8", Run("sweep", "merge", _folder["all.db"], _folder["1.db"], _folder["2.db"]).Succeeds().Error);
        Run("sweep", "merge", _folder["all.db"], _folder["1.db"]).Fails(1, "--force");
        Run("sweep", "merge", _folder["1.db"], _folder["1.db"], "--force").Fails(2, "both read and written");
        Run("sweep", "merge", _folder["more.db"], _folder["none.db"]).Fails(1, "does not exist");
        Assert.Contains("0 runs trained, 8 done", Run("sweep", spec, "-d", _folder["all.db"]).Succeeds().Error);
        Assert.Equal(["1.db", "2.db", "all.db", "grid.json"], _folder.Files);

        // An exported table stands for a database that is gone.
        Run("sweep", "export", _folder["all.db"], "-o", _folder["all.csv"]).Succeeds();
        Assert.Contains("8 runs added", Run("sweep", "merge", _folder["again.db"], _folder["all.csv"], _folder["all.db"]).Succeeds().Error);
        Assert.Contains("0 runs trained, 8 done", Run("sweep", spec, "-d", _folder["again.db"]).Succeeds().Error);
        Run("sweep", "export", _folder["again.db"], "-o", _folder["again.csv"]).Succeeds();
        Assert.Equal(File.ReadAllText(_folder["all.csv"]), File.ReadAllText(_folder["again.csv"]));
        Run("sweep", "merge", _folder["bad.db"], Write("bad.csv", "params,tokens,loss\n1,2,3\n")).Fails(1, "bad.csv:1, column 'loss_se'");
        string[] lines = File.ReadAllLines(_folder["all.csv"]);
        Run("sweep", "merge", _folder["bad.db"], Write("bad.csv", lines[0] + "\n1" + lines[1]))
            .Fails(1, "bad.csv:2, column 'params': a model of this shape has ");

        // Tables that were written before a run had schedules have no such columns; their runs are the same.
        string[] titles = lines[0].Split(','),
            later = ["schedule", "qat_from", "qat_fused", "parameterisation"];
        Assert.Equal(later, titles.Where(later.Contains));
        IEnumerable<string> old = lines.Select(line => string.Join(',', line.Split(',').Where((_, i) => !later.Contains(titles[i]))));
        Run("sweep", "merge", _folder["old.db"], Write("old.csv", string.Join('\n', old) + "\n"), _folder["all.db"]).Succeeds();
        Run("sweep", "export", _folder["old.db"], "-o", _folder["new.csv"]).Succeeds();
        Assert.Equal(File.ReadAllText(_folder["all.csv"]), File.ReadAllText(_folder["new.csv"]));

        _shift = 1;
        Run("sweep", spec, "-d", _folder["other.db"]).Succeeds();
        Cli conflict = Run("sweep", "merge", _folder["both.db"], _folder["all.db"], _folder["other.db"])
            .Fails(1, "8 differ", "has two outcomes");
        Assert.Contains("8 runs done of 8", conflict.Error);
    }

    [Fact]
    public void Wrong_command_lines_do_nothing()
    {
        string spec = Write("grid.json", Grid),
            wrong = Write("wrong.json", Grid.Replace("2:4", "2:44")),
            notes = Write("notes.txt", "no database, only a line of text that goes on and on until it is long enough");
        Run("sweep").Fails(2, "kernelgen sweep --help");
        Run("sweep", _folder["none.json"]).Fails(1, "none.json");
        Run("sweep", wrong, "-d", _folder["x.db"]).Fails(1, "2:44");
        string data = Write("wrong.json", Grid.Replace("\"name\": \"weights\",", "\"name\": \"weights\", \"data\": \"quantta\","));
        Run("sweep", data, "-d", _folder["x.db"]).Fails(1, "block 'weights'", "Data is 'quantta'", "quanta");
        string schedule = Write("wrong.json", Grid.Replace("\"name\": \"weights\",", "\"name\": \"weights\", \"schedule\": \"wsdx\","));
        Run("sweep", schedule, "-d", _folder["x.db"]).Fails(1, "block 'weights'", "Schedule 'wsdx' is none");
        string method = Write("wrong.json", Grid.Replace("\"name\": \"weights\",", "\"name\": \"weights\", \"method\": \"fw\","));
        Run("sweep", method, "-d", _folder["x.db"]).Fails(1, "block 'weights', hand-int8 x dense, fw", "needs a mask");
        Run("sweep", spec, "-d", _folder["x.db"], "--shard", "3/2").Fails(2, "'3/2' is no share");
        Run("sweep", spec, "-d", _folder["x.db"], "--array").Fails(2, "SLURM_ARRAY_TASK_ID is not set");
        Run("sweep", spec, "-d", _folder["x.db"], "--array", "--shard", "1/2").Fails(2, "both name the share");
        Run("sweep", spec, "-d", notes).Fails(1, "no database of a sweep");
        Run("sweep", "status", notes).Fails(1, "no database of a sweep");
        Run("sweep", "export", _folder["x.db"]).Fails(1, "does not exist");
        Assert.Throws<UsageException>(() =>
            Shard.OfArray(name =>
                name == "SLURM_ARRAY_TASK_ID" ? "7"
                : name == "SLURM_ARRAY_TASK_COUNT" ? "2"
                : null
            )
        );
        Assert.Equal(("g.db", "g.3-of-8.db"), (Shard.Whole.Database("a/g.json"), new Shard(3, 8).Database("a/g.json")));
        Assert.Equal(["grid.json", "notes.txt", "wrong.json"], _folder.Files);
        Assert.Empty(_trained);
    }

    [Fact]
    public void Failed_runs_are_told_and_tried_again_when_asked()
    {
        string spec = Write("bad.json", """{ "blocks": [ { "sizes": "12k", "tokens": 100, "weights": "2:4", "seeds": [7, 8, 9] } ] }"""),
            database = _folder["bad.db"];
        Cli first = Run("sweep", spec, "-d", database, "-t", "1").Fails(1, "diverged", "the loss is not finite", "1 done in all");
        Assert.Contains("1/3 runs, 2 failed", first.Error);
        Assert.Equal(3, _trained.Count);
        Run("sweep", spec, "-d", database).Fails(1, "0 runs trained");
        Run("sweep", spec, "-d", database, "--retry-failed").Fails(1, "2 failed runs are tried again");
        Assert.Equal(5, _trained.Count);
        Assert.Equal(2, Run("sweep", "status", database, "-o", "json").Succeeds().Rows[^1].GetProperty("failed").GetInt32());
    }

    [Fact]
    public void Shared_weights_are_measured_and_have_no_kernels()
    {
        JsonElement row = Run("probe", "shared4", "--samples", "100000", "-o", "json").Succeeds().Rows[0];
        Assert.Equal(0.75, row.GetProperty("gmse").GetDouble(), 0.01);
        Run("show", "shared4").Fails(2, "'shared4' has no kernels", "hash of its place");
        Run("bench", "--format", "shared4").Fails(2, "'shared4' has no kernels");
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(89.2, "90 s")]
    [InlineData(600.5, "11 min")]
    [InlineData(7190, "2 h 00 min")]
    [InlineData(9000, "2 h 30 min")]
    public void Times_are_rounded_up(double seconds, string words) => Assert.Equal(words, RunTime.Text(seconds));
}
