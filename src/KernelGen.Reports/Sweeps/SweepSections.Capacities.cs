using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>What representations are worth, in what order, and whether what they are worth multiplies.</summary>
internal static partial class SweepSections
{
    private static ReportSection Capacities(SweepAnalysis analysis)
    {
        FittedLaw free = analysis.Weights,
            unified = analysis.Unified;
        var curve = (UnifiedLaw)unified.Law;
        double[] values = [.. unified.Values];
        ILookup<string, TrainingRun> runs = analysis.WeightOnly.ToLookup(run => run.Input.Weights.Name);
        (RepresentationPoint Point, ParameterEstimate Rho, int Index)[] rows =
        [
            .. analysis
                .WeightOnly.Select(run => run.Input.Weights)
                .Where(point => !point.IsDense)
                .DistinctBy(point => point.Name)
                .Select(point => (point, Index: free.Parameters.ToList().FindIndex(p => p.Name == $"rho[{point.Name}]")))
                .Select(entry => (entry.point, free.Parameters[entry.Index], entry.Index))
                .OrderBy(entry => entry.point.Gmse),
        ];
        var table = new DataTable(
            new("weights", "weights"),
            new("family", "family"),
            new("bits", "bits", "0.00"),
            new("gmse", "Gaussian MSE", "0.00000"),
            new("curve", "ρ, unified", "0.000"),
            new("curve_low", "low", "0.000"),
            new("curve_high", "high", "0.000"),
            new("rho", "ρ, free", "0.000"),
            new("low", "low", "0.000"),
            new("high", "high", "0.000"),
            new("relative", "ρ, relative to dense", "0.000"),
            new("se", "±", "0.000"),
            new("difference", "unified − free", "0.000")
        );
        foreach ((RepresentationPoint point, ParameterEstimate rho, _) in rows)
        {
            double predicted = curve.Capacity(point, values);
            (double low, double high) = unified.Interval(draw => curve.Capacity(point, draw));
            CapacityEstimate? relative = analysis.Capacities.Of(runs[point.Name]);
            table.Add(
                point.Name,
                point.Family,
                point.Bits,
                point.Gmse,
                predicted,
                low,
                high,
                rho.Value,
                rho.Low,
                rho.High,
                relative?.Value,
                relative?.StandardError,
                predicted - rho.Value
            );
        }
        RankAgreement agreement = RankAgreement.Of(
            [.. rows.Select(row => (row.Point.Name, row.Point.Gmse, row.Rho.Value))],
            [.. free.Draws.Select(draw => rows.Select(row => draw[row.Index]).ToArray())],
            analysis.Options.Level
        );
        string swapped =
            agreement.Swapped.Count == 0
                ? "All neighbours by error have the same order by capacity."
                : $"Neighbours by error that have the opposite order by capacity: "
                    + $"{string.Join(", ", agreement.Swapped.Select(pair => $"{pair.Better} and {pair.Worse}"))}.";
        return new(
            "",
            Text(
                $"Spearman's correlation of −GMSE and free ρ over {rows.Length} weight-only representations: "
                    + $"{agreement.Spearman:0.000} ({agreement.Low:0.000} to {agreement.High:0.000}). {swapped}{SameBits(rows)} "
                    + $"Intervals ({100 * analysis.Options.Level:0} %) are from resamples of the runs of each scheme. 'Relative to dense' "
                    + $"compares with dense runs of the same size under one law; its standard error is that of the seeds, and shows "
                    + $"representations from each other. The second table has it at every size: a capacity that is one number would be "
                    + $"the same in all columns."
            )
        )
        {
            Tables =
            [
                table,
                BySize(analysis, rows.Select(row => row.Point)),
                .. analysis.Sources.Count == 0 ? Array.Empty<DataTable>() : [BySource(analysis, rows)],
            ],
        };
    }

    /// <summary>
    /// Which distribution's error has the order of the capacities: Spearman's correlation, and that among quantisers alone.
    /// </summary>
    private static DataTable BySource(SweepAnalysis analysis, (RepresentationPoint Point, ParameterEstimate Rho, int Index)[] rows)
    {
        var table = new DataTable(
            new("source", "error on"),
            new("representations", "representations"),
            new("spearman", "Spearman", "0.0000"),
            new("quantisers", "without zeros"),
            new("spearman_quantisers", "Spearman", "0.0000")
        );
        foreach (
            (string source, Func<string, double?> error) in analysis.Sources.Prepend(
                ("gaussian", name => rows.First(row => row.Point.Name == name).Point.Gmse)
            )
        )
        {
            (RepresentationPoint Point, double Error, double Rho)[] known =
            [
                .. from row in rows
                let found = error(row.Point.Name)
                where found is not null
                select (row.Point, found.Value, row.Rho.Value),
            ];
            (RepresentationPoint Point, double Error, double Rho)[] quantisers = [.. known.Where(row => !IsSparse(row.Point))];
            table.Add(source, known.Length, Spearman(known), quantisers.Length, Spearman(quantisers));
        }
        return table;

        static double? Spearman((RepresentationPoint Point, double Error, double Rho)[] known) =>
            known.Length < 3 ? null : RankAgreement.Of([.. known.Select(row => (row.Point.Name, row.Error, row.Rho))], []).Spearman;
    }

    /// <summary>ρ relative to dense runs at each size, at the ratio of tokens to parameters that most runs have.</summary>
    private static DataTable BySize(SweepAnalysis analysis, IEnumerable<RepresentationPoint> points)
    {
        double ratio = analysis.WeightOnly.GroupBy(Ratio).MaxBy(runs => runs.Count())!.Key;
        ILookup<(string, double), TrainingRun> runs = analysis
            .WeightOnly.Where(run => Ratio(run) == ratio)
            .ToLookup(run => (run.Input.Weights.Name, run.Input.Params));
        double[] sizes = [.. runs.Select(own => own.Key.Item2).Distinct().Order()];
        var table = new DataTable([
            new("weights", "weights"),
            .. sizes.SelectMany(size =>
                (Column[])[new($"rho_{size}", $"ρ at {AxisText.Count(size)}", "0.000"), new($"se_{size}", "±", "0.000")]
            ),
        ]);
        foreach (RepresentationPoint point in points)
        {
            table.Add([
                point.Name,
                .. sizes
                    .Select(size => analysis.Capacities.Of(runs[(point.Name, size)]))
                    .SelectMany(found => (object?[])[found?.Value, found?.StandardError]),
            ]);
        }
        return table;

        // Steps are whole, so the same ratio asked for is not quite the same at every size.
        static double Ratio(TrainingRun run) => Math.Round(run.Input.Tokens / run.Input.Params);
    }

    /// <summary>The order of formats of about as many bits, by error and by what was trained.</summary>
    private static string SameBits(IEnumerable<(RepresentationPoint Point, ParameterEstimate Rho, int Index)> rows) =>
        string.Concat(
            from row in rows
            where !IsSparse(row.Point)
            group row by Math.Round(row.Point.Bits) into width
            where width.Count() > 1
            orderby width.Key
            let byError = string.Join(", ", width.OrderBy(row => row.Point.Gmse).Select(row => row.Point.Name))
            let byCapacity = string.Join(", ", width.OrderByDescending(row => row.Rho.Value).Select(row => row.Point.Name))
            select Text(
                $" At {width.Key} bits, best first: by error {byError}; by capacity {(byError == byCapacity ? "the same" : byCapacity)}."
            )
        );

    private static bool IsSparse(RepresentationPoint point) => point.Family.Contains("sparse", StringComparison.OrdinalIgnoreCase);

    private static ReportSection? Order(SweepAnalysis analysis)
    {
        IReadOnlyList<OrderRow> rows = OrderRow.Of([.. analysis.Fitted.Concat(analysis.Order).Where(run => !IsSparse(run.Input.Weights))]);
        if (rows.Count == 0)
        {
            return null;
        }
        var table = new DataTable(
            new("bits", "bits", "0"),
            new("params", "params", Words: Params),
            new("weights", "weights"),
            new("gmse", "Gaussian MSE", "0.00000"),
            new("seeds", "seeds"),
            new("loss", "loss", "0.0000"),
            new("se", "±", "0.0000"),
            new("step", "step", "0.0000"),
            new("step_se", "±", "0.0000"),
            new("predicted", "as predicted")
        );
        foreach (OrderRow row in rows)
        {
            RepresentationPoint point = row.Input.Weights;
            table.Add(
                Math.Round(point.Bits),
                row.Input.Params,
                point.Name,
                point.Gmse,
                row.Runs,
                row.Loss,
                row.StandardError,
                row.Step,
                row.Step is null ? null : row.StepError,
                row.Step is null
                    ? ""
                    : row.AsForetold switch
                    {
                        true => "yes",
                        false => "no",
                        null => "within error",
                    }
            );
        }
        int steps = rows.Count(row => row.Step is not null),
            yes = rows.Count(row => row.AsForetold == true),
            no = rows.Count(row => row.AsForetold == false);
        return new(
            "",
            Text(
                $"Formats of like width trained in one way, in the order of their errors; each step is the loss beyond that of the "
                    + $"format before. Of {steps} steps {yes} go up as predicted by more than two standard errors, {no} go down by more "
                    + $"than two, {steps - yes - no} are within error."
            )
        )
        {
            Tables = [table],
        };
    }

    private static ReportSection? Products(SweepAnalysis analysis)
    {
        ReportSection? section = RankOne(
            CompositionTest.QuantisationBySparsity(analysis.Capacities, analysis.Fitted.Concat(analysis.Methods)),
            "quantisation",
            "sparsity"
        );
        TrainingRun[] composed = [.. analysis.WeightOnly.Where(run => run.Input.Weights.Name.Contains('+'))];
        if (section is null || composed.Length == 0)
        {
            return section;
        }
        // The other way to predict a composition: the error of both together, on the curve of such compositions.
        var curve = (UnifiedLaw)analysis.Unified.Law;
        double[] values = [.. analysis.Unified.Values];
        double[] errors =
        [
            .. composed
                .DistinctBy(run => run.Input.Weights.Name)
                .Select(run => Math.Abs(curve.Capacity(run.Input.Weights, values) - analysis.Weights[$"rho[{run.Input.Weights.Name}]"])),
        ];
        return section with
        {
            Text =
                section.Text
                + Text(
                    $" By the Gaussian error of mask and format together, on the curve of the unified law, the free capacities of "
                        + $"{errors.Length} compositions are missed by {errors.Average():0.000} on average."
                ),
        };
    }

    private static ReportSection? RankOne(IReadOnlyList<CompositionTest> tests, string rows, string columns)
    {
        if (tests.Count == 0)
        {
            return null;
        }
        return new(
            "",
            "Capacities relative to dense runs of the same sizes against the product of the uncompressed row and column. "
                + string.Join(" ", tests.Select(Words))
        )
        {
            Tables = [.. tests.Select(Table)],
            Plots = [.. tests.Select(one => ($"rank1-{rows}-{columns}{(one == tests[0] ? "" : $"-{one.Method}")}", Map(one)))],
        };

        string Words(CompositionTest one)
        {
            RankOneTest test = one.Test;
            IEnumerable<string> byRow = Enumerable
                .Range(0, test.Matrix.Rows.Count)
                .Where(row => row != test.PivotRow)
                .Select(row => Text($"{test.Matrix.Rows[row]} {test.MeanErrorOf(row):0.000}"));
            return Text(
                $"Trained by {one.Method}, {one.Sizes} {(one.Sizes == 1 ? "size" : "sizes")}: mean error {test.MeanError:0.000}, "
                    + $"rms {test.RmsError:0.000}, largest {test.MaxError:0.000} at {test.Matrix.Rows[test.WorstRow]} × "
                    + $"{test.Matrix.Columns[test.WorstColumn]}; from the scatter of seeds alone {one.ScatterError:0.000} would be "
                    + $"expected; mean error by {rows}: {string.Join(", ", byRow)}; the best matrix of rank 1 is "
                    + $"{test.RankOneMeanError:0.000} away on average and holds {100 * test.RankOneShare:0.00} % of the squares."
            );
        }

        DataTable Table(CompositionTest one)
        {
            CapacityMatrix matrix = one.Test.Matrix;
            var table = new DataTable([
                new("row", $"{one.Method}: {rows} \\ {columns}"),
                .. matrix.Columns.Select(column => new Column(column, column, "0.000")),
            ]);
            for (int i = 0; i < matrix.Rows.Count; i++)
            {
                table.Add([matrix.Rows[i], .. Enumerable.Range(0, matrix.Columns.Count).Select(j => (object?)matrix[i, j])]);
            }
            return table;
        }

        string Map(CompositionTest one) =>
            SvgHeatMap.Render(
                "Measured minus product",
                $"of the uncompressed row and column; 0 everywhere if capacity factorises; trained by {one.Method}",
                (rows, one.Test.Matrix.Rows),
                (columns, one.Test.Matrix.Columns),
                (i, j) => one.Test.Error(i, j)
            );
    }
}
