using System.Globalization;
using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>Other recipes than the base grid's: when to begin compressing, schedules, rates by width, optimisers, shared weights.</summary>
internal static partial class SweepSections
{
    private static ReportSection? QatShares(SweepAnalysis analysis)
    {
        var groups = RecipeRow.Compare(
            [.. analysis.Everything.Where(run => !run.Input.Weights.IsDense || !run.Input.Activations.IsDense)],
            recipe => recipe.Qat,
            recipe => recipe with { QatFrom = 0, QatFused = false }
        );
        return groups.Count == 0
            ? null
            : new(
                "",
                $"The dense share of the steps before the representation is put on; 'fused' has one schedule over both. {Best(groups)}"
            )
            {
                Tables = [Table("dense share", groups)],
            };
    }

    private static ReportSection? Schedules(SweepAnalysis analysis)
    {
        var groups = RecipeRow.Compare(analysis.Everything, recipe => recipe.Schedule, recipe => recipe with { Schedule = "" });
        return groups.Count == 0
            ? null
            : new("", $"How the learning rate goes, everything else equal. {Best(groups)}") { Tables = [Table("schedule", groups)] };
    }

    private static ReportSection? Optimizers(SweepAnalysis analysis)
    {
        var groups = RecipeRow.Compare(analysis.Everything, recipe => recipe.Optimizer, recipe => recipe with { Optimizer = "" });
        if (groups.Count == 0)
        {
            return null;
        }
        var table = new DataTable([
            .. Model,
            new("gmse", "Gaussian MSE", "0.00000"),
            new("adamw", "AdamW", "0.0000"),
            new("amsgrad", "AMSGrad", "0.0000"),
            new("difference", "AMSGrad − AdamW", "0.0000"),
            new("se", "±", "0.0000"),
        ]);
        int better = 0,
            worse = 0;
        foreach (IReadOnlyList<RecipeRow> group in groups)
        {
            if (
                group.FirstOrDefault(row => row.Level == "adamw") is { } own
                && group.FirstOrDefault(row => row.Level == "amsgrad") is { } other
            )
            {
                (double difference, double error) = other.Over(own);
                (better, worse) = (better + (difference < -2 * error ? 1 : 0), worse + (difference > 2 * error ? 1 : 0));
                table.Add([.. Cells(own.Run), own.Run.Input.Weights.Gmse, own.Loss, other.Loss, difference, error]);
            }
        }
        return new(
            "",
            Text($"AMSGrad loses less than AdamW beyond two standard errors in {better} of {table.Rows.Count} models, more in {worse}.")
        )
        {
            Tables = [table],
        };
    }

    private static ReportSection? Rates(SweepAnalysis analysis)
    {
        var groups = RecipeRow
            .Compare(
                analysis.Everything,
                recipe => recipe.Rate.ToString("R", CultureInfo.InvariantCulture),
                recipe => recipe with { Rate = 0 }
            )
            .Where(group => group.Count > 2)
            .ToArray();
        if (groups.Length == 0)
        {
            return null;
        }
        var table = new DataTable([
            new("parameterisation", "parameterisation"),
            .. Model,
            new("best", "best tried", "G3"),
            new("vertex", "best by parabola", "G3"),
            new("loss", "loss", "0.0000"),
        ]);
        List<(string Kind, double Params, double Rate)> found = [];
        foreach (IReadOnlyList<RecipeRow> group in groups)
        {
            (double Rate, double Loss)[] points =
            [
                .. group.Select(row => (double.Parse(row.Level, CultureInfo.InvariantCulture), row.Loss)).OrderBy(point => point.Item1),
            ];
            int best = Array.IndexOf(points, points.MinBy(point => point.Loss));
            double? vertex = best > 0 && best < points.Length - 1 ? Vertex(points[(best - 1)..(best + 2)]) : null;
            string kind = RunRecipe.Of(group[0].Run).Parameterisation;
            table.Add([kind, .. Cells(group[0].Run), points[best].Rate, vertex, points[best].Loss]);
            found.Add((kind, group[0].Run.Input.Params, vertex ?? points[best].Rate));
        }
        string spread = string.Join(
            "; ",
            found
                .GroupBy(one => one.Kind)
                .Where(kind => kind.Select(one => one.Params).Distinct().Count() > 1)
                .Select(kind =>
                    Text(
                        $"{kind.Key}: {kind.Min(one => one.Rate):G3} to {kind.Max(one => one.Rate):G3}, a factor of "
                            + $"{kind.Max(one => one.Rate) / kind.Min(one => one.Rate):0.0}"
                    )
                )
        );
        return new(
            "",
            $"The best learning rate by width; a parabola goes through the best one tried and its neighbours. Over the sizes {spread}."
        )
        {
            Tables = [table],
            Plots = [("rates", RatePlot(groups))],
        };
    }

    /// <summary>The least of the parabola through three points in ln rate.</summary>
    private static double Vertex((double Rate, double Loss)[] points)
    {
        double[] x = [.. points.Select(point => Math.Log(point.Rate))];
        double left = (points[1].Loss - points[0].Loss) / (x[1] - x[0]),
            right = (points[2].Loss - points[1].Loss) / (x[2] - x[1]),
            bend = (right - left) / (x[2] - x[0]);
        return Math.Exp(bend > 0 ? (x[0] + x[1]) / 2 - left / (2 * bend) : x[1]);
    }

    private static string RatePlot(IEnumerable<IReadOnlyList<RecipeRow>> groups)
    {
        var plot = new SvgPlot("Loss by learning rate", "largest learning rate", "loss above the best of the size, nats")
        {
            Note = "mean over seeds",
            LogX = true,
        };
        int color = 0;
        foreach (IReadOnlyList<RecipeRow> group in groups)
        {
            double best = group.Min(row => row.Loss);
            plot.Add(
                new(
                    $"{AxisText.Count(group[0].Run.Input.Params)} {RunRecipe.Of(group[0].Run).Parameterisation}",
                    [
                        .. group
                            .Select(row => (double.Parse(row.Level, CultureInfo.InvariantCulture), row.Loss - best))
                            .OrderBy(point => point.Item1),
                    ]
                )
                {
                    Color = color++,
                }
            );
        }
        return plot.Render();
    }

    private static IEnumerable<Column> Model =>
        [
            new("params", "params", Words: Params),
            new("tokens", "tokens", Words: Params),
            new("weights", "weights"),
            new("activations", "activations"),
        ];

    private static object?[] Cells(TrainingRun run) =>
        [run.Input.Params, run.Input.Tokens, run.Input.Weights.Name, run.Input.Activations.Name];

    private static DataTable Table(string level, IReadOnlyList<IReadOnlyList<RecipeRow>> groups)
    {
        var table = new DataTable([
            .. Model,
            new("level", level),
            new("loss", "loss", "0.0000"),
            new("over", "above the best", "0.0000"),
            new("se", "±", "0.0000"),
            new("runs", "runs"),
            new("best", "best"),
        ]);
        foreach (IReadOnlyList<RecipeRow> group in groups)
        {
            RecipeRow best = group.MinBy(row => row.Loss)!;
            foreach (RecipeRow row in group.OrderBy(row => row.Level, StringComparer.Ordinal))
            {
                (double over, double error) = row.Over(best);
                table.Add([.. Cells(row.Run), row.Level, row.Loss, over, row == best ? null : error, row.Count, row == best]);
            }
        }
        return table;
    }

    /// <summary>How often each level is the best.</summary>
    private static string Best(IReadOnlyList<IReadOnlyList<RecipeRow>> groups) =>
        $"Best in {groups.Count} models: "
        + string.Join(
            ", ",
            groups
                .GroupBy(group => group.MinBy(row => row.Loss)!.Level)
                .OrderByDescending(level => level.Count())
                .ThenBy(level => level.Key, StringComparer.Ordinal)
                .Select(level => $"{level.Key} ({level.Count()})")
        )
        + ".";
}
