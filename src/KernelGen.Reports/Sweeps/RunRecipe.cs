using System.Globalization;
using KernelGen.Scaling;
using KernelGen.Training;

namespace KernelGen.Reports;

/// <summary>
/// How a run was trained apart from its representation, as its row in a table says it. Columns that are not there are as usual.
/// </summary>
/// <param name="Data">The text or language.</param>
/// <param name="Optimizer">The optimiser.</param>
/// <param name="Schedule">How the rate went.</param>
/// <param name="QatFrom">Share of the steps that were dense.</param>
/// <param name="QatFused">Whether one schedule went over all steps.</param>
/// <param name="Parameterisation">How rates depend on the width.</param>
/// <param name="Rate">Largest learning rate; 0 if the table does not say.</param>
internal sealed record RunRecipe(
    string Data,
    string Optimizer,
    string Schedule,
    double QatFrom,
    bool QatFused,
    string Parameterisation,
    double Rate
)
{
    public static RunRecipe Of(TrainingRun run)
    {
        return new(
            Cell("data", ""),
            Cell("optimizer", "adamw"),
            Cell("schedule", RunRows.Later["schedule"]),
            Number("qat_from"),
            Cell("qat_fused", RunRows.Later["qat_fused"]) == "true",
            Cell("parameterisation", RunRows.Later["parameterisation"]),
            Number("learning_rate")
        );
        string Cell(string column, string usual) => run.Cells.TryGetValue(column, out string? cell) && cell.Length > 0 ? cell : usual;
        double Number(string column) => double.TryParse(Cell(column, "0"), CultureInfo.InvariantCulture, out double value) ? value : 0;
    }

    /// <summary>Whether all but data and rate is as in the base grid.</summary>
    public bool IsPlain => this with { Data = "", Rate = 0 } == new RunRecipe("", "adamw", "cosine", 0, false, "standard", 0);

    /// <summary>When the representation was put on.</summary>
    public string Qat => string.Create(CultureInfo.InvariantCulture, $"{QatFrom:0.##}{(QatFused ? " fused" : "")}");

    /// <summary>
    /// The runs that laws can be fitted to together: on the data of most of them, with the usual recipe, and of each size with the
    /// usual rate.
    /// </summary>
    public static IReadOnlyList<TrainingRun> Usual(IReadOnlyList<TrainingRun> runs)
    {
        (TrainingRun Run, RunRecipe Recipe)[] all = [.. runs.Select(run => (run, Of(run)))];
        if (all.Length == 0)
        {
            return [];
        }
        string data = all.GroupBy(one => one.Recipe.Data).MaxBy(group => group.Count())!.Key;
        return
        [
            .. all.Where(one => one.Recipe.IsPlain && one.Recipe.Data == data)
                .GroupBy(one => one.Run.Input.Params)
                .SelectMany(size => size.Where(one => one.Recipe.Rate == UsualRate(size.Key, [.. size.Select(each => each.Recipe.Rate)])))
                .Select(one => one.Run),
        ];
    }

    /// <summary>The rate that most runs have; of equally many that of the ladder of sizes.</summary>
    private static double UsualRate(double size, double[] rates)
    {
        double? ladder = ModelSizes.All.FirstOrDefault(one => one.Spec().Parameters == size)?.LearningRate;
        return rates.GroupBy(rate => rate).OrderByDescending(rate => rate.Count()).ThenByDescending(rate => rate.Key == ladder).First().Key;
    }
}
