using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>Runs that differ in one thing of their recipe, and in their seeds.</summary>
/// <param name="Run">One of the runs, for what all have in common.</param>
/// <param name="Level">What this row has of the thing.</param>
/// <param name="Loss">Mean loss over seeds, nats a token.</param>
/// <param name="StandardError">Of the mean, from the pooled scatter of seeds; NaN where no run was repeated.</param>
/// <param name="Count">Seeds.</param>
internal sealed record RecipeRow(TrainingRun Run, string Level, double Loss, double StandardError, int Count)
{
    /// <summary>How much this row loses more than another, and the standard error of that.</summary>
    public (double Difference, double StandardError) Over(RecipeRow other) =>
        (Loss - other.Loss, Math.Sqrt(StandardError * StandardError + other.StandardError * other.StandardError));

    /// <summary>Rows in groups that have everything else in common; groups of one level are left out.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="level">The thing, as text.</param>
    /// <param name="rest">The recipe without it.</param>
    public static IReadOnlyList<IReadOnlyList<RecipeRow>> Compare(
        IReadOnlyList<TrainingRun> runs,
        Func<RunRecipe, string> level,
        Func<RunRecipe, RunRecipe> rest
    )
    {
        var cells = runs.Select(run => (Run: run, Recipe: RunRecipe.Of(run)))
            .GroupBy(one => (Model: Model(one.Run), Others: rest(one.Recipe), Level: level(one.Recipe)), one => one.Run)
            .ToArray();
        double scatter = Scatter(cells);
        return
        [
            .. cells
                .GroupBy(cell => (cell.Key.Model, cell.Key.Others))
                .Where(group => group.Count() > 1)
                .Select(group =>
                    (IReadOnlyList<RecipeRow>)
                        [
                            .. group.Select(cell =>
                            {
                                double loss = cell.Average(run => run.Loss);
                                return new RecipeRow(
                                    cell.First(),
                                    cell.Key.Level,
                                    loss,
                                    scatter * loss / Math.Sqrt(cell.Count()),
                                    cell.Count()
                                );
                            }),
                        ]
                )
                .OrderBy(group => group[0].Run.Input.Params)
                .ThenBy(group => group[0].Run.Input.Tokens)
                .ThenBy(group => group[0].Run.Input.Weights.Gmse)
                .ThenBy(group => group[0].Run.Input.Activations.Gmse),
        ];
    }

    private static (double, double, string, string, string?) Model(TrainingRun run) =>
        (run.Input.Params, run.Input.Tokens, run.Input.Weights.Name, run.Input.Activations.Name, run.Input.Method);

    /// <summary>Standard deviation of ln loss between seeds, pooled over everything that was repeated.</summary>
    private static double Scatter(IEnumerable<IEnumerable<TrainingRun>> cells)
    {
        double squares = 0;
        int freedom = 0;
        foreach (IEnumerable<TrainingRun> cell in cells)
        {
            double[] logs = [.. cell.Select(run => Math.Log(run.Loss))];
            double mean = logs.Average();
            squares += logs.Sum(log => (log - mean) * (log - mean));
            freedom += logs.Length - 1;
        }
        return freedom > 0 ? Math.Sqrt(squares / freedom) : double.NaN;
    }
}
