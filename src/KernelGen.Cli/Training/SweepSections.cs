using System.Globalization;
using KernelGen.Cli.Output;
using KernelGen.Cli.Plots;
using KernelGen.Scaling;

namespace KernelGen.Cli.Training;

/// <summary>The sections of a report on a sweep. One that its runs do not allow says why instead.</summary>
internal static class SweepSections
{
    private static readonly (string Title, Func<SweepAnalysis, ReportSection?> Make)[] Sections =
    [
        ("Runs", Runs), ("Laws", Laws), ("Parameters of the unified law", Parameters), ("Capacity of representations", Capacities),
        ("Weights by activations", analysis => RankOne(analysis.Schemes.WeightsByActivations(), "weights", "activations")),
        ("Quantisation by sparsity", analysis => RankOne(analysis.Schemes.QuantisationBySparsity(), "quantisation", "sparsity")),
        ("Noise in place of formats", Noise), ("Ways of training", Methods), ("The largest size, predicted from the smaller ones", Extrapolation), ("Figures", Figures),
    ];

    /// <summary>All sections; each is told before it is made.</summary>
    public static IReadOnlyList<ReportSection> All(SweepAnalysis analysis, Action<int, string> progress)
    {
        List<ReportSection> made = [];
        for (int i = 0; i < Sections.Length; i++)
        {
            (string title, Func<SweepAnalysis, ReportSection?> make) = Sections[i];
            progress(i, title);
            try
            {
                if (make(analysis) is { } section)
                {
                    made.Add(section with { Title = title });
                }
            }
            catch (Exception e) when (e is FitException or ArgumentException or KeyNotFoundException)
            {
                made.Add(new(title, $"Not with these runs: {e.Message}"));
            }
        }
        return made;
    }

    public static int Count => Sections.Length;

    private static ReportSection Runs(SweepAnalysis analysis)
    {
        var table = new DataTable(new("group", "group"), new("params", "params", Words: Params), new("runs", "runs"), new("schemes", "schemes"), new("seeds", "seeds"), new("tokens", "tokens per parameter"), new("loss", "loss, nats"));
        foreach (var cell in analysis.All.GroupBy(run => (run.Group, run.Input.Params)).OrderBy(cell => cell.Key.Group, StringComparer.Ordinal).ThenBy(cell => cell.Key.Params))
        {
            table.Add(cell.Key.Group, cell.Key.Params, cell.Count(), cell.Select(run => EffectiveMultiplierLaw.Scheme(run.Input)).Distinct().Count(), cell.Select(run => run.Input.Get("seed", 0)).Distinct().Count(),
                Span(cell.Select(run => run.Input.Tokens / run.Input.Params), "0"), Span(cell.Select(run => run.Loss), "0.000"));
        }
        ReplicateNoise scatter = ReplicateNoise.Of(analysis.All);
        string noise = scatter.Groups > 0 ? Text($"Runs that differ only in their seed scatter by {100 * scatter.Deviation:0.00} % of the loss (one standard deviation, {scatter.DegreesOfFreedom} degrees of freedom).") : "No run was repeated with another seed.";
        string floor = analysis.Entropy is { } entropy ? Text($" The entropy of the data is {entropy:0.0000} nats a token; no fit may go below it.") : "";
        return new("", Text($"{analysis.All.Count} runs, {analysis.Fitted.Count} of them for laws. {noise}{floor}")) { Tables = [table] };
    }

    private static ReportSection Laws(SweepAnalysis analysis)
    {
        var table = new DataTable(
            new("law", "law"), new("free", "free"), new("objective", "objective", "0.000E-00"), new("ratio", "of decoupled", "0.00"), new("rms", "rms of ln loss", "0.00000"), new("aic", "AIC", "0.0"), new("bic", "BIC", "0.0"),
            new("out_rms", "largest out: rms", "0.0000"), new("out_max", "max", "0.0000"), new("unknown", "unknown"));
        List<string> failed = [];
        List<ModelComparisonRow> rows = [];
        foreach ((string label, string law, string form) in SweepAnalysis.Laws)
        {
            try
            {
                rows.AddRange(ModelComparison.Compare([(label, inputs => SweepAnalysis.Law(law, form, inputs))], analysis.Fitted, analysis.Options));
            }
            catch (FitException e)
            {
                failed.Add($"{label}: {e.Message}");
            }
        }
        double? floor = rows.FirstOrDefault(row => row.Label == "decoupled")?.Fit.Objective;
        foreach (ModelComparisonRow row in rows)
        {
            table.Add(row.Label, row.Fit.FreeParameters, row.Fit.Objective, row.Fit.Objective / floor, row.Fit.Rmse, row.Fit.Aic, row.Fit.Bic, row.Extrapolation?.Rms, row.Extrapolation?.Max, row.Extrapolation?.Unpredicted);
        }
        string worse = string.Join(" ", failed);
        return new("", Text($"Every law on the same {analysis.Fitted.Count} runs, sum of Huber losses of ln loss (δ = {analysis.Options.HuberDelta:G3}); the last columns are errors in nats at the largest size of fits that have not seen it. {worse}").Trim()) { Tables = [table] };
    }

    private static ReportSection Parameters(SweepAnalysis analysis)
    {
        FittedLaw fit = analysis.Unified;
        var table = new DataTable(new("parameter", "parameter"), new("value", "value", "G5"), new("low", "low", "G4"), new("high", "high", "G4"), new("status", "status"));
        foreach (ParameterEstimate p in fit.Parameters)
        {
            table.Add(p.Name, p.Value, p.Low, p.High, p.Status.ToString());
        }
        string bounds = fit.OnBound.Any() ? $" On a bound: {string.Join(", ", fit.OnBound.Select(p => p.Name))}; the others depend on it." : "";
        string end = fit.Converged ? "" : " The fit did not converge.";
        return new("", Text($"{fit.Law.Formula} ({fit.Law.Citation}). {100 * analysis.Options.Level:0} % intervals from {fit.Draws.Count} resamples of the runs.{bounds}{end}")) { Tables = [table] };
    }

    private static ReportSection Capacities(SweepAnalysis analysis)
    {
        FittedLaw free = analysis.Weights, unified = analysis.Unified;
        var curve = (UnifiedLaw)unified.Law;
        double[] values = [.. unified.Values];
        (RepresentationPoint Point, ParameterEstimate Rho, int Index)[] rows = [.. analysis.WeightOnly.Select(run => run.Input.Weights).Where(point => !point.IsDense).DistinctBy(point => point.Name)
            .Select(point => (point, Index: free.Parameters.ToList().FindIndex(p => p.Name == $"rho[{point.Name}]")))
            .Select(entry => (entry.point, free.Parameters[entry.Index], entry.Index)).OrderBy(entry => entry.point.Gmse)];
        var table = new DataTable(
            new("weights", "weights"), new("family", "family"), new("bits", "bits", "0.00"), new("gmse", "Gaussian MSE", "0.00000"), new("rho", "ρ, free", "0.000"), new("low", "low", "0.000"), new("high", "high", "0.000"),
            new("curve", "ρ, unified", "0.000"), new("difference", "difference", "0.000"));
        foreach ((RepresentationPoint point, ParameterEstimate rho, _) in rows)
        {
            double predicted = curve.Capacity(point, values);
            table.Add(point.Name, point.Family, point.Bits, point.Gmse, rho.Value, rho.Low, rho.High, predicted, predicted - rho.Value);
        }
        RankAgreement agreement = RankAgreement.Of([.. rows.Select(row => (row.Point.Name, row.Point.Gmse, row.Rho.Value))], [.. free.Draws.Select(draw => rows.Select(row => draw[row.Index]).ToArray())], analysis.Options.Level);
        string swapped = agreement.Swapped.Count == 0 ? "No neighbours by error stand the other way round by capacity." : $"Neighbours by error that stand the other way round by capacity: {string.Join(", ", agreement.Swapped.Select(pair => $"{pair.Better} and {pair.Worse}"))}.";
        return new("", Text($"Spearman's correlation of −GMSE and free ρ over {rows.Length} weight-only representations: {agreement.Spearman:0.000} ({agreement.Low:0.000} to {agreement.High:0.000}). {swapped}{SameBits(rows)}")) { Tables = [table] };
    }

    /// <summary>The order of formats of about as many bits, by error and by what was trained.</summary>
    private static string SameBits(IEnumerable<(RepresentationPoint Point, ParameterEstimate Rho, int Index)> rows) => string.Concat(
        from row in rows
        where !row.Point.Family.Contains("sparse", StringComparison.OrdinalIgnoreCase)
        group row by Math.Round(row.Point.Bits) into width
        where width.Count() > 1
        orderby width.Key
        let byError = string.Join(", ", width.OrderBy(row => row.Point.Gmse).Select(row => row.Point.Name))
        let byCapacity = string.Join(", ", width.OrderByDescending(row => row.Rho.Value).Select(row => row.Point.Name))
        select Text($" At {width.Key} bits, best first: by error {byError}; by capacity {(byError == byCapacity ? "the same" : byCapacity)}."));

    private static ReportSection? RankOne(CapacityMatrix? matrix, string rows, string columns)
    {
        if (matrix is null)
        {
            return null;
        }
        RankOneTest test = RankOneTest.Of(matrix, 0, 0);
        var table = new DataTable([new("row", $"{rows} \\ {columns}"), .. matrix.Columns.Select(column => new Column(column, column, "0.000"))]);
        for (int i = 0; i < matrix.Rows.Count; i++)
        {
            table.Add([matrix.Rows[i], .. Enumerable.Range(0, matrix.Columns.Count).Select(j => (object?)matrix[i, j])]);
        }
        string map = SvgHeatMap.Render("Measured minus product", "of the uncompressed row and column; 0 everywhere if capacity factorises", (rows, matrix.Rows), (columns, matrix.Columns), (i, j) => test.Error(i, j));
        return new("", Text($"Free capacities of the schemes against the product of the uncompressed row and column: mean error {test.MeanError:0.000}, rms {test.RmsError:0.000}, largest {test.MaxError:0.000} at {matrix.Rows[test.WorstRow]} × {matrix.Columns[test.WorstColumn]}; the best matrix of rank 1 holds {100 * test.RankOneShare:0.00} % of the squares."))
        {
            Tables = [table],
            Plots = [($"rank1-{rows}-{columns}", map)],
        };
    }

    private static ReportSection? Noise(SweepAnalysis analysis)
    {
        HashSet<TrainingRun> noise = [.. analysis.Noise];
        IReadOnlyList<PairedLoss> pairs = PairedLoss.Of([.. analysis.Fitted, .. analysis.Noise], noise.Contains);
        if (pairs.Count == 0)
        {
            return null;
        }
        var table = new DataTable(new("weights", "weights"), new("bits", "bits", "0.00"), new("params", "params", Words: Params), new("loss", "format", "0.0000"), new("noise", "noise", "0.0000"), new("difference", "format − noise", "0.0000"), new("se", "±", "0.0000"), new("equal", "within 2 s.e."));
        foreach (PairedLoss pair in pairs.OrderBy(pair => pair.Input.Weights.Gmse).ThenBy(pair => pair.Input.Params))
        {
            table.Add(pair.Input.Weights.Name, pair.Input.Weights.Bits, pair.Input.Params, pair.Loss, pair.Other, pair.Difference, pair.StandardError, pair.WithinError);
        }
        PairedLoss[] fine = [.. pairs.Where(pair => pair.Input.Weights.EffectiveBits >= 2.5)];
        return new("", Text($"The same models with Gaussian noise of the format's relative error in its place. Within two standard errors: {pairs.Count(pair => pair.WithinError)} of {pairs.Count} pairs; of formats of 2.5 effective bits and more, {fine.Count(pair => pair.WithinError)} of {fine.Length}.")) { Tables = [table] };
    }

    private static ReportSection? Methods(SweepAnalysis analysis)
    {
        HashSet<string> tried = [.. analysis.Methods.Select(run => run.Input.Weights.Name)];
        IReadOnlyList<MethodRow> rows = MethodRow.Compare(analysis.Schemes, analysis.Fitted.Concat(analysis.Methods).Where(run => tried.Contains(run.Input.Weights.Name)));
        if (rows.Count == 0)
        {
            return null;
        }
        var table = new DataTable(new("weights", "weights"), new("method", "method"), new("rho", "ρ", "0.000"), new("se", "±", "0.000"), new("runs", "runs"), new("best", "best"));
        foreach (MethodRow row in rows)
        {
            table.Add(row.Weights, row.Method, row.Capacity, row.StandardError, row.Runs, row.IsBest);
        }
        Dictionary<string, double> gmse = analysis.All.Select(run => run.Input.Weights).DistinctBy(point => point.Name).ToDictionary(point => point.Name, point => point.Gmse);
        var plot = new SvgPlot("Capacity by way of training", "Gaussian MSE relative to the variance", "capacity ρ") { Note = "mean and two standard errors over runs" };
        int color = 0;
        foreach (IGrouping<string, MethodRow> method in rows.GroupBy(row => row.Method).Where(method => method.Select(row => row.Weights).Distinct().Count() > 1).OrderBy(method => method.Key, StringComparer.Ordinal))
        {
            MethodRow[] line = [.. method.OrderBy(row => gmse[row.Weights])];
            plot.Add(new(method.Key, [.. line.Select(row => (gmse[row.Weights], row.Capacity))]) { Color = color++, Band = [.. line.Select(row => (row.Capacity - 2 * (row.StandardError ?? 0), row.Capacity + 2 * (row.StandardError ?? 0)))] });
        }
        string best = string.Join("; ", rows.Where(row => row.IsBest).Select(row => Text($"{row.Weights}: {row.Method} ({row.Capacity:0.000}{(row.StandardError is { } se ? Text($" ± {se:0.000}") : "")})")));
        return new("", $"Capacity by way of training: the share of parameters with which a dense model reaches the loss, mean over sizes and seeds with its standard error. Best: {best}.") { Tables = [table], Plots = color > 0 ? [("methods", plot.Render())] : [] };
    }

    private static ReportSection Extrapolation(SweepAnalysis analysis)
    {
        LeaveLargestOut unified = LeaveLargestOut.Run(inputs => UnifiedLaw.For(inputs), analysis.Fitted, analysis.Options), free = LeaveLargestOut.Run(inputs => DecoupledLaw.For(inputs), analysis.Fitted, analysis.Options);
        var table = new DataTable(new("scheme", "weights × activations"), new("params", "params", Words: Params), new("loss", "loss", "0.0000"), new("unified", "unified − loss", "0.0000"), new("decoupled", "decoupled − loss", "0.0000"));
        for (int i = 0; i < unified.HeldOut.Count; i++)
        {
            TrainingRun run = unified.HeldOut[i];
            table.Add(LawPlots.Scheme(run.Input), run.Input.Params, run.Loss, unified.Errors[i], free.Errors[i]);
        }
        return new("", Text($"Fitted to {unified.Fit.Runs.Count} runs of smaller models, the unified law misses the {unified.HeldOut.Count} runs of {AxisText.Count(unified.HeldOut[0].Input.Params)} parameters by {unified.Rms:0.0000} nats (rms), at most {unified.Max:0.0000}; the decoupled law by {free.Rms:0.0000} and {free.Max:0.0000}.")) { Tables = [table] };
    }

    private static ReportSection Figures(SweepAnalysis analysis) => new("", "Of the unified law.") { Plots = [.. LawPlots.All(analysis.Unified)] };

    private static string? Params(object value) => AxisText.Count(Convert.ToDouble(value, CultureInfo.InvariantCulture));

    private static string Span(IEnumerable<double> values, string format)
    {
        (double low, double high) = (values.Min(), values.Max());
        string first = low.ToString(format, CultureInfo.InvariantCulture), last = high.ToString(format, CultureInfo.InvariantCulture);
        return first == last ? first : $"{first} – {last}";
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
