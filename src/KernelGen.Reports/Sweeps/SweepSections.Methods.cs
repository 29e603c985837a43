using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>The same representations trained in other ways, and noise in their place.</summary>
internal static partial class SweepSections
{
    private static ReportSection? Noise(SweepAnalysis analysis)
    {
        HashSet<TrainingRun> noise = [.. analysis.Noise];
        IReadOnlyList<PairedLoss> pairs = PairedLoss.Of([.. analysis.Fitted, .. analysis.Order, .. analysis.Noise], noise.Contains);
        if (pairs.Count == 0)
        {
            return null;
        }
        var table = new DataTable(
            new("weights", "weights"),
            new("bits", "bits", "0.00"),
            new("params", "params", Words: Params),
            new("loss", "format", "0.0000"),
            new("noise", "noise", "0.0000"),
            new("difference", "format − noise", "0.0000"),
            new("se", "±", "0.0000"),
            new("share", "of the loss", "0.00"),
            new("equal", "within 2 s.e.")
        );
        foreach (PairedLoss pair in pairs.OrderBy(pair => pair.Input.Weights.Gmse).ThenBy(pair => pair.Input.Params))
        {
            table.Add(
                pair.Input.Weights.Name,
                pair.Input.Weights.Bits,
                pair.Input.Params,
                pair.Loss,
                pair.Other,
                pair.Difference,
                pair.StandardError,
                100 * pair.Difference / pair.Loss,
                pair.WithinError
            );
        }
        PairedLoss[] fine = [.. pairs.Where(pair => pair.Input.Weights.EffectiveBits >= 2.3)];
        double largest = fine.Length == 0 ? 0 : fine.Max(pair => Math.Abs(pair.Difference / pair.Loss));
        return new(
            "",
            Text(
                $"The same models with Gaussian noise of the format's relative error in its place, new in every step; 'of the "
                    + $"loss' is the difference in percent. Within two standard errors: {pairs.Count(pair => pair.WithinError)} of "
                    + $"{pairs.Count} pairs; of formats of 3 bits and more ({2.3} effective ones), {fine.Count(pair => pair.WithinError)}"
                    + $" of {fine.Length}, and no further apart than {100 * largest:0.00} % of the loss."
            )
        )
        {
            Tables = [table],
        };
    }

    private static ReportSection? Methods(SweepAnalysis analysis)
    {
        HashSet<string> tried = [.. analysis.Methods.Select(run => run.Input.Weights.Name)];
        TrainingRun[] runs = [.. analysis.Fitted.Concat(analysis.Methods).Where(run => tried.Contains(run.Input.Weights.Name))];
        MethodRow[] rows = [.. MethodRow.Families(analysis.Capacities, runs).OrderBy(row => row.Params).ThenBy(row => row.Weights.Gmse)];
        if (rows.Length == 0)
        {
            return null;
        }
        MethodRow[] variants = [.. MethodRow.Variants(analysis.Capacities, runs).Where(row => row.Method.Contains(':'))];
        double smallest = rows.Min(row => row.Params);
        string best = string.Join(
            "; ",
            rows.Where(row => row.IsBest && row.Params == smallest)
                .Select(row => Text($"{row.Weights.Name}: {row.Method} ({row.Capacity.Value:0.000} ± {row.Capacity.StandardError:0.000})"))
        );
        return new(
            "",
            $"Capacity by way of training, relative to dense runs of the same size, with standard errors from the scatter of seeds. Of "
                + $"methods with a number the one is named that does best; its capacity is that of each seed with the number that did "
                + $"best on the other seeds. Best at {AxisText.Count(smallest)}: {best}."
        )
        {
            Tables = [FamilyTable(rows), .. Gains(rows), .. variants.Length > 0 ? (DataTable[])[VariantTable(variants)] : []],
            Plots =
            [
                ("methods", FamilyPlot([.. rows.Where(row => row.Params == smallest)])),
                .. VariantPlots([.. variants.Where(row => row.Params == smallest)]),
            ],
        };
    }

    private static DataTable FamilyTable(IEnumerable<MethodRow> rows)
    {
        var table = new DataTable(
            new("weights", "weights"),
            new("params", "params", Words: Params),
            new("method", "method"),
            new("rho", "ρ", "0.000"),
            new("se", "±", "0.000"),
            new("runs", "runs"),
            new("best", "best")
        );
        foreach (MethodRow row in rows)
        {
            table.Add(
                row.Weights.Name,
                row.Params,
                row.Method,
                row.Capacity.Value,
                row.Capacity.StandardError,
                row.Capacity.Runs,
                row.IsBest
            );
        }
        return table;
    }

    /// <summary>What the methods with a number gain over each of the others, where there are some.</summary>
    private static IEnumerable<DataTable> Gains(IReadOnlyList<MethodRow> rows)
    {
        string[] tuned =
        [
            .. rows.Where(row => row.Method.Contains(':')).Select(row => row.Family).Distinct().Order(StringComparer.Ordinal),
        ];
        HashSet<string> numbered = [.. rows.Where(row => tuned.Contains(row.Family)).Select(row => row.Weights.Name)];
        string[] plain =
        [
            .. rows.Where(row => numbered.Contains(row.Weights.Name))
                .Select(row => row.Family)
                .Distinct()
                .Except(tuned)
                .Order(StringComparer.Ordinal),
        ];
        if (tuned.Length == 0 || plain.Length == 0)
        {
            return [];
        }
        var table = new DataTable([
            new("weights", "weights"),
            new("params", "params", Words: Params),
            new("method", "gain in ρ of"),
            .. plain.SelectMany(name => (Column[])[new(name, $"over {name}", "0.000"), new($"{name}_se", "±", "0.000")]),
        ]);
        foreach (var model in rows.GroupBy(row => (row.Weights.Name, row.Params)))
        {
            foreach (MethodRow own in model.Where(row => tuned.Contains(row.Family)).OrderBy(row => row.Family, StringComparer.Ordinal))
            {
                table.Add([
                    model.Key.Name,
                    model.Key.Params,
                    own.Method,
                    .. plain.SelectMany(name =>
                        model.FirstOrDefault(row => row.Family == name) is { } other
                            ? own.Capacity.Over(other.Capacity) is var (gain, error)
                                ? (object?[])[gain, error]
                                : []
                            : [null, null]
                    ),
                ]);
            }
        }
        return [table];
    }

    /// <summary>ρ of every number, by representation.</summary>
    private static DataTable VariantTable(IReadOnlyList<MethodRow> rows)
    {
        string[] weights = [.. rows.OrderBy(row => row.Weights.Gmse).Select(row => row.Weights.Name).Distinct()];
        var table = new DataTable([
            new("method", "method"),
            new("params", "params", Words: Params),
            .. weights.Select(name => new Column(name, name, "0.000")),
            new("se", "mean ±", "0.000"),
        ]);
        foreach (
            var method in rows.GroupBy(row => (row.Params, row.Family, row.Method))
                .OrderBy(method => method.Key.Params)
                .ThenBy(method => method.Key.Method, StringComparer.Ordinal)
        )
        {
            table.Add([
                method.Key.Method,
                method.Key.Params,
                .. weights.Select(name => (object?)method.FirstOrDefault(row => row.Weights.Name == name)?.Capacity.Value),
                method.Average(row => row.Capacity.Value * row.Capacity.OwnError),
            ]);
        }
        return table;
    }

    private static string FamilyPlot(IReadOnlyList<MethodRow> rows)
    {
        var plot = new SvgPlot("Capacity by way of training", "Gaussian MSE relative to the variance", "capacity ρ")
        {
            Note = "mean and two standard errors over seeds, smallest size",
        };
        int color = 0;
        foreach (
            IGrouping<string, MethodRow> method in rows.GroupBy(row => row.Family)
                .Where(method => method.Count() > 1)
                .OrderBy(method => method.Key, StringComparer.Ordinal)
        )
        {
            MethodRow[] line = [.. method.OrderBy(row => row.Weights.Gmse)];
            plot.Add(
                new(method.Key, [.. line.Select(row => (row.Weights.Gmse, row.Capacity.Value))])
                {
                    Color = color++,
                    Band = [.. line.Select(row => Band(row.Capacity))],
                }
            );
        }
        return plot.Render();
    }

    /// <summary>For each family with a number, ρ against the number.</summary>
    private static IEnumerable<(string Name, string Svg)> VariantPlots(IReadOnlyList<MethodRow> rows)
    {
        foreach (
            IGrouping<string, MethodRow> family in rows.GroupBy(row => row.Family)
                .Where(family => family.Select(row => row.Method).Distinct().Count() > 2)
                .OrderBy(family => family.Key, StringComparer.Ordinal)
        )
        {
            var plot = new SvgPlot($"Capacity by the number of {family.Key}", family.First().Method.Split(':', '=')[1], "capacity ρ")
            {
                Note = "mean and two standard errors over seeds, smallest size",
            };
            int color = 0;
            foreach (
                IGrouping<string, MethodRow> weights in family
                    .GroupBy(row => row.Weights.Name)
                    .OrderBy(weights => weights.First().Weights.Gmse)
            )
            {
                (double Number, CapacityEstimate Capacity)[] line =
                [
                    .. weights.Select(row => (Number(row.Method), row.Capacity)).OrderBy(point => point.Item1),
                ];
                plot.Add(
                    new(weights.Key, [.. line.Select(point => (point.Number, point.Capacity.Value))])
                    {
                        Color = color++,
                        Band = [.. line.Select(point => Band(point.Capacity))],
                    }
                );
            }
            yield return ($"numbers-{family.Key}", plot.Render());
        }
    }

    private static (double, double) Band(CapacityEstimate capacity) =>
        (capacity.Value - 2 * capacity.StandardError, capacity.Value + 2 * capacity.StandardError);

    private static double Number(string method) =>
        double.TryParse(method.Split('=', ':')[^1], System.Globalization.CultureInfo.InvariantCulture, out double value)
            ? value
            : double.NaN;
}
