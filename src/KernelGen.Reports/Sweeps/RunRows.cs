using System.Globalization;
using KernelGen.Training;

namespace KernelGen.Reports;

/// <summary>
/// Training runs as rows of a run table: the columns that laws ask for first, then the rest of the description. <see cref="RunTableFile"/>
/// reads them back.
/// </summary>
internal static class RunRows
{
    /// <summary>An empty table of finished runs.</summary>
    public static DataTable Table() =>
        new(
            new("params", "params"),
            new("tokens", "tokens"),
            new("loss", "loss, nats", "0.0000"),
            new("loss_se", "±", "0.0000"),
            new("entropy", "entropy", "0.0000"),
            new("weights", "weights"),
            new("activations", "activations"),
            new("method", "method"),
            new("group", "group"),
            new("seed", "seed"),
            new("layers", "layers"),
            new("width", "width"),
            new("heads", "heads"),
            new("hidden", "hidden"),
            new("context", "context"),
            new("batch_tokens", "batch"),
            new("learning_rate", "rate"),
            new("weight_decay", "decay"),
            new("optimizer", "optimizer"),
            new("schedule", "schedule"),
            new("qat_from", "qat from"),
            new("qat_fused", "qat fused"),
            new("parameterisation", "parameterisation"),
            new("tied", "tied"),
            new("data", "data"),
            new("seconds", "seconds", "0.0")
        );

    /// <summary>Columns that tables written before have not, and what their runs have there.</summary>
    public static IReadOnlyDictionary<string, string> Later { get; } =
        new Dictionary<string, string>
        {
            ["schedule"] = "cosine",
            ["qat_from"] = "0",
            ["qat_fused"] = "false",
            ["parameterisation"] = "standard",
        };

    /// <summary>Adds a run.</summary>
    public static void Add(DataTable table, TrainingSpec spec, TrainingOutcome outcome, string group, double seconds) =>
        table.Add(
            outcome.Parameters,
            outcome.Tokens,
            outcome.Loss,
            outcome.LossError,
            outcome.Entropy,
            spec.Weights,
            spec.Activations,
            spec.Method,
            group,
            spec.Seed,
            spec.Layers,
            spec.Width,
            spec.Heads,
            spec.Hidden,
            spec.Context,
            spec.BatchTokens,
            spec.LearningRate,
            spec.WeightDecay,
            spec.Optimizer,
            spec.Schedule,
            spec.QatFrom,
            spec.QatFused,
            spec.Parameterisation,
            spec.TiedEmbeddings,
            spec.Data,
            seconds
        );

    /// <summary>The finished runs of a database, in the order in which a sweep does them.</summary>
    public static DataTable Of(IEnumerable<StoredRun> runs)
    {
        DataTable table = Table();
        foreach (StoredRun run in runs.Where(run => run.State == RunState.Done).OrderBy(run => run.Run.Work))
        {
            Add(table, TrainingJson.ReadSpec(run.Run.Spec), TrainingJson.ReadOutcome(run.Outcome), run.Run.Group, run.Seconds);
        }
        return table;
    }

    /// <summary>A run in a few words: <c>12k int4 × dense, quest, seed 1</c>.</summary>
    public static string Words(TrainingSpec spec) =>
        $"{AxisText.Count(spec.Parameters)} {spec.Weights}{(spec.Activations == "dense" ? "" : $" × {spec.Activations}")}, "
        + $"{spec.Method}, {Recipe(spec)}seed {spec.Seed}";

    /// <summary>What of a run is not as it is by default, each with a comma behind it.</summary>
    private static string Recipe(TrainingSpec spec)
    {
        TrainingSpec usual = ModelSizes.All[0].Spec();
        return string.Concat(
            (
                (string[])
                    [
                        spec.Optimizer == usual.Optimizer ? "" : spec.Optimizer,
                        spec.Schedule == usual.Schedule ? "" : spec.Schedule,
                        spec.QatFrom == 0
                            ? ""
                            : string.Create(CultureInfo.InvariantCulture, $"QAT from {spec.QatFrom}{(spec.QatFused ? " fused" : "")}"),
                        spec.Parameterisation == usual.Parameterisation ? "" : spec.Parameterisation,
                        spec.Data == usual.Data ? "" : spec.Data,
                    ]
            )
                .Where(part => part.Length > 0)
                .Select(part => part + ", ")
        );
    }
}
