using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>Curves of equal compute and of equal loss around the best size of each representation.</summary>
internal static class CurvePlan
{
    /// <summary>Sizes by half octaves, three octaves to both sides of the best one.</summary>
    private static readonly double[] Steps = [.. Enumerable.Range(-6, 13).Select(i => Math.Pow(2, 0.5 * i))];

    /// <summary>Loss along the sizes of equal compute.</summary>
    public static Plan IsoFlop(LawPlanner planner, double flop, IReadOnlyList<LawInput> candidates, IReadOnlyList<string> varied)
    {
        ComputeOptimum[] best = [.. candidates.Select(c => planner.ComputeOptimal(flop, c))];
        IReadOnlyList<LossForecast>[] curves =
        [
            .. best.Select(b => planner.IsoFlop(flop, b.Forecast.Input, Steps.Select(step => step * b.Params))),
        ];
        DataTable table = Table(varied, new Column("best", "best"));
        foreach (IReadOnlyList<LossForecast> curve in curves)
        {
            for (int i = 0; i < curve.Count; i++)
            {
                Add(table, planner, varied, curve[i], Steps[i] == 1);
            }
        }
        return new(table, () => PlanPlots.IsoFlop(flop, curves, [.. best.Select(b => b.Forecast)]));
    }

    /// <summary>Sizes and tokens of equal loss.</summary>
    public static Plan IsoLoss(
        LawPlanner planner,
        double loss,
        IReadOnlyList<LawInput> candidates,
        IReadOnlyList<string> varied,
        Action<string> note
    )
    {
        var curves = new List<IReadOnlyList<LossForecast>>();
        var cheapest = new List<LossForecast>();
        DataTable table = Table(varied, new Column("flop", "FLOP", "G4"), new Column("cheapest", "cheapest"));
        foreach (LawInput like in candidates)
        {
            if (planner.CheapestFor(loss, like) is not { } best)
            {
                note(
                    $"plan: {PlanCandidates.Label(like, varied)} reaches {LawCommandLine.Short(loss)} with no number of parameters and tokens."
                );
                continue;
            }
            LossForecast[] curve =
            [
                .. planner
                    .IsoLoss(loss, like, Steps.Select(step => step * best.Params))
                    .Select(point => planner.Predict(like.At(point.Params, point.Tokens))),
            ];
            if (curve.MinBy(f => f.Input.Params * f.Input.Tokens) is not { } least)
            {
                note($"plan: {PlanCandidates.Label(like, varied)} reaches {LawCommandLine.Short(loss)} at no size around its best.");
                continue;
            }
            foreach (LossForecast f in curve)
            {
                Add(
                    table,
                    planner,
                    varied,
                    f,
                    LawPlanner.FlopPerParameterToken * planner.Fit.Law.ActiveParams(f.Input) * f.Input.Tokens,
                    f == least
                );
            }
            curves.Add(curve);
            cheapest.Add(least);
        }
        return curves.Count > 0
            ? new(table, () => PlanPlots.IsoLoss(loss, curves, cheapest))
            : throw new FitException(
                $"No size reaches a loss of {LawCommandLine.Short(loss)}: the law's floor E is {LawCommandLine.Short(planner.Fit.Parameters.FirstOrDefault(p => p.Name == "E")?.Value ?? double.NaN)}."
            );
    }

    private static DataTable Table(IReadOnlyList<string> varied, params Column[] more) =>
        new([
            new("weights", "weights"),
            new("activations", "activations"),
            .. varied.Select(name => new Column(name, name, "G4")),
            new("params", "params", "G4"),
            new("tokens", "tokens", "G4"),
            new("bytes", "bytes", "G4"),
            new("loss", "loss", "0.0000"),
            new("loss_low", "low", "0.0000"),
            new("loss_high", "high", "0.0000"),
            .. more,
        ]);

    private static void Add(DataTable table, LawPlanner planner, IReadOnlyList<string> varied, LossForecast f, params object?[] more) =>
        table.Add([
            f.Input.Weights.Name,
            f.Input.Activations.Name,
            .. varied.Select(name => (object?)f.Input[name]),
            f.Input.Params,
            f.Input.Tokens,
            planner.Fit.Law.TotalParams(f.Input) * f.Input.Weights.Bits / 8,
            f.Loss,
            f.Low,
            f.High,
            .. more,
        ]);
}
