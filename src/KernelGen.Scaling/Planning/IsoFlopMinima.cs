using MathNet.Numerics;

namespace KernelGen.Scaling;

/// <summary>The best size of one compute budget.</summary>
/// <param name="Flops">The budget.</param>
/// <param name="Sizes">Sizes in the table.</param>
/// <param name="Used">Sizes the parabola went through.</param>
/// <param name="Params">Best N; null if there is none.</param>
/// <param name="Tokens">Best D.</param>
/// <param name="Loss">The loss there.</param>
/// <param name="Problem">Why there is none; empty if there is.</param>
public sealed record IsoFlopMinimum(double Flops, int Sizes, int Used, double? Params, double? Tokens, double? Loss, string Problem);

/// <summary>
/// The second approach of Hoffmann et al. 2022, arXiv:2203.15556: a parabola of the loss in ln N through the sizes of each compute budget, and
/// power laws through the minima. Sizes far from the minimum are left out, where the loss is no parabola.
/// </summary>
/// <param name="Budgets">The budgets, ascending.</param>
/// <param name="ParamsExponent">a of N ∝ C^a.</param>
/// <param name="TokensExponent">b of D ∝ C^b.</param>
/// <param name="Rms">Root mean square of ln N about its power law.</param>
public sealed record IsoFlopMinima(IReadOnlyList<IsoFlopMinimum> Budgets, double ParamsExponent, double TokensExponent, double Rms)
{
    /// <summary>How far from the best size of the grid the parabola reaches, as a factor.</summary>
    public const double UsualWindow = 8;

    /// <summary>Budgets whose minimum lies inside the sizes tried.</summary>
    public IReadOnlyList<IsoFlopMinimum> Found => [.. Budgets.Where(budget => budget.Params is not null)];

    /// <summary>Finds the minima.</summary>
    /// <param name="runs">Runs with a column <c>flops</c>.</param>
    /// <param name="window">Factor from the best size of the grid up to which sizes count.</param>
    /// <exception cref="FitException">There is no such column, or fewer than two budgets have a minimum.</exception>
    public static IsoFlopMinima Of(IReadOnlyList<TrainingRun> runs, double window = UsualWindow)
    {
        if (runs.FirstOrDefault(run => !run.Input.Columns.ContainsKey("flops")) is { } without)
        {
            throw new FitException(
                $"Line {without.Line}, column 'flops': the budget of the run is missing. Say --columns flops=… if it has another name."
            );
        }
        IsoFlopMinimum[] budgets =
        [
            .. runs.GroupBy(run => run.Input["flops"]).OrderBy(budget => budget.Key).Select(b => Minimum(b, window)),
        ];
        IsoFlopMinimum[] found = [.. budgets.Where(budget => budget.Params is not null)];
        if (found.Length < 2)
        {
            throw new FitException(
                $"{found.Length} of {budgets.Length} budgets have a minimum inside their sizes; exponents take two. "
                    + budgets.FirstOrDefault(b => b.Problem.Length > 0)?.Problem
            );
        }
        double[] c = [.. found.Select(budget => Math.Log(budget.Flops))],
            n = [.. found.Select(budget => Math.Log(budget.Params!.Value))];
        (double intercept, double slope) = Fit.Line(c, n);
        (_, double tokens) = Fit.Line(c, [.. found.Select(budget => Math.Log(budget.Tokens!.Value))]);
        return new(budgets, slope, tokens, Math.Sqrt(c.Zip(n, (x, y) => Math.Pow(y - intercept - slope * x, 2)).Average()));
    }

    private static IsoFlopMinimum Minimum(IGrouping<double, TrainingRun> budget, double window)
    {
        TrainingRun[] runs = [.. budget.OrderBy(run => run.Input.Params)];
        double best = runs.MinBy(run => run.Loss)!.Input.LogParams;
        TrainingRun[] near = [.. runs.Where(run => Math.Abs(run.Input.LogParams - best) <= Math.Log(window) * (1 + 1e-9))];
        IsoFlopMinimum None(string why) => new(budget.Key, runs.Length, near.Length, null, null, null, why);
        if (near.Select(run => run.Input.Params).Distinct().Count() < 3)
        {
            return None($"{near.Length} sizes near the best; a parabola takes 3.");
        }
        double[] x = [.. near.Select(run => run.Input.LogParams - best)];
        double[] p = Fit.Polynomial(x, [.. near.Select(run => run.Loss)], 2);
        double at = -p[1] / (2 * p[2]);
        if (!(p[2] > 0) || at < x[0] || at > x[^1])
        {
            return None("The loss has no minimum between the sizes.");
        }
        // Tokens of the nearest run, scaled: a table may count FLOP other than by 6·N·D.
        TrainingRun nearest = near.MinBy(run => Math.Abs(run.Input.LogParams - best - at))!;
        double n = Math.Exp(best + at);
        return new(
            budget.Key,
            runs.Length,
            near.Length,
            n,
            nearest.Input.Tokens * nearest.Input.Params / n,
            p[0] + at * (p[1] + at * p[2]),
            ""
        );
    }
}
