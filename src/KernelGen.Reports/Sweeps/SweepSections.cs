using System.Globalization;
using System.Runtime.CompilerServices;
using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>The sections of a report on a sweep. One that its runs do not allow says why instead.</summary>
internal static partial class SweepSections
{
    private static readonly (string Title, Func<SweepAnalysis, ReportSection?> Make)[] Sections =
    [
        ("Runs", Runs),
        ("Laws", Laws),
        ("Parameters of the unified law", Parameters),
        ("Capacity of representations", Capacities),
        ("Formats of like width", Order),
        ("Weights by activations", analysis =>
            RankOne(
                CompositionTest.WeightsByActivations(analysis.Capacities, analysis.Fitted.Concat(analysis.Methods)),
                "weights",
                "activations"
            )
        ),
        ("Quantisation by sparsity", Products),
        ("Noise in place of formats", Noise),
        ("Ways of training", Methods),
        ("When to begin compressing", QatShares),
        ("Schedules", Schedules),
        ("Learning rates by width", Rates),
        ("Optimisers", Optimizers),
        ("Shared weights", Shared),
        ("The largest size, predicted from the smaller ones", Extrapolation),
        ("Figures", Figures),
    ];

    /// <summary>All sections; the name of each is reported before it is made.</summary>
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
            catch (Exception e) when (e is FitException or ArgumentException or KeyNotFoundException or InvalidOperationException)
            {
                string why =
                    analysis.Fitted.Count == 0 ? "none has the recipe of the base grid, to which laws are fitted."
                    : e is InvalidOperationException ? "there are too few of them."
                    : e.Message;
                made.Add(new(title, $"Not with these runs: {why}"));
            }
        }
        return made;
    }

    public static int Count => Sections.Length;

    private static ReportSection Runs(SweepAnalysis analysis)
    {
        var table = new DataTable(
            new("group", "group"),
            new("params", "params", Words: Params),
            new("runs", "runs"),
            new("schemes", "schemes"),
            new("seeds", "seeds"),
            new("tokens", "tokens per parameter"),
            new("loss", "loss, nats")
        );
        foreach (
            var cell in analysis
                .Everything.GroupBy(run => (run.Group, run.Input.Params))
                .OrderBy(cell => cell.Key.Group, StringComparer.Ordinal)
                .ThenBy(cell => cell.Key.Params)
        )
        {
            table.Add(
                cell.Key.Group,
                cell.Key.Params,
                cell.Count(),
                cell.Select(run => EffectiveMultiplierLaw.Scheme(run.Input)).Distinct().Count(),
                cell.Select(run => run.Input.Get("seed", 0)).Distinct().Count(),
                Span(cell.Select(run => run.Input.Tokens / run.Input.Params), "0"),
                Span(cell.Select(run => run.Loss), "0.000")
            );
        }
        ReplicateNoise scatter = ReplicateNoise.Of(analysis.All);
        string noise =
            scatter.Groups > 0
                ? Text(
                    $"Runs that differ only in their seed scatter by {100 * scatter.Deviation:0.00} % of the loss (one standard "
                        + $"deviation, {scatter.DegreesOfFreedom} degrees of freedom)."
                )
                : "No run was repeated with another seed.";
        string floor = analysis.Entropy is { } entropy ? Text($" The entropy of the data is {entropy:0.0000} nats a token.") : "";
        int other = analysis.Everything.Count - analysis.All.Count;
        string recipes = other > 0 ? Text($" {other} are trained by another recipe or on other data.") : "";
        return new("", Text($"{analysis.Everything.Count} runs, {analysis.Fitted.Count} of them for laws.{recipes} {noise}{floor}"))
        {
            Tables = [table],
        };
    }

    private static ReportSection Laws(SweepAnalysis analysis)
    {
        var table = new DataTable(
            new("law", "law"),
            new("free", "free"),
            new("objective", "objective", "0.000E-00"),
            new("ratio", "of decoupled", "0.00"),
            new("rms", "rms of ln loss", "0.00000"),
            new("aic", "AIC", "0.0"),
            new("bic", "BIC", "0.0"),
            new("out_rms", "largest out: rms", "0.0000"),
            new("out_max", "max", "0.0000"),
            new("unknown", "unknown")
        );
        List<string> failed = [];
        List<ModelComparisonRow> rows = [];
        foreach ((string label, string law, string form) in SweepAnalysis.Laws)
        {
            Compare(label, law, form, analysis.Options);
        }
        if (analysis.Entropy is { } entropy)
        {
            Compare(
                "unified, E ≥ entropy",
                "unified",
                "tanh",
                analysis.Options with
                {
                    Bounds = new Dictionary<string, (double, double)> { ["E"] = (entropy, 20) },
                }
            );
        }
        double? floor = rows.FirstOrDefault(row => row.Label == "decoupled")?.Fit.Objective;
        foreach (ModelComparisonRow row in rows)
        {
            table.Add(
                row.Label,
                row.Fit.FreeParameters,
                row.Fit.Objective,
                row.Fit.Objective / floor,
                row.Fit.Rmse,
                row.Fit.Aic,
                row.Fit.Bic,
                row.Extrapolation?.Rms,
                row.Extrapolation?.Max,
                row.Extrapolation?.Unpredicted
            );
        }
        string worse = string.Join(" ", failed);
        void Compare(string label, string law, string form, FitOptions options)
        {
            try
            {
                rows.AddRange(ModelComparison.Compare([(label, inputs => SweepAnalysis.Law(law, form, inputs))], analysis.Fitted, options));
            }
            catch (FitException e)
            {
                failed.Add($"{label}: {e.Message}");
            }
        }
        return new(
            "",
            Text(
                    $"Every law on the same {analysis.Fitted.Count} runs, sum of Huber losses of ln loss (δ = "
                        + $"{analysis.Options.HuberDelta:G3}); the last columns are errors in nats at the largest size of fits that have "
                        + $"not seen it. {worse}"
                )
                .Trim()
        )
        {
            Tables = [table],
        };
    }

    private static ReportSection Parameters(SweepAnalysis analysis)
    {
        FittedLaw fit = analysis.Unified;
        var table = new DataTable(
            new("parameter", "parameter"),
            new("value", "value", "G5"),
            new("low", "low", "G4"),
            new("high", "high", "G4"),
            new("status", "status")
        );
        foreach (ParameterEstimate p in fit.Parameters)
        {
            table.Add(p.Name, p.Value, p.Low, p.High, p.Status.ToString());
        }
        string bounds = fit.OnBound.Any()
            ? $" On a bound: {string.Join(", ", fit.OnBound.Select(p => p.Name))}; the others depend on it."
            : "";
        string end = fit.Converged ? "" : " The fit did not converge.";
        string limit =
            analysis.Entropy is { } entropy && fit["E"] < entropy
                ? Text($" E is below the entropy of the data, {entropy:0.0000}: the law describes these sizes, not the limit.")
                : "";
        return new(
            "",
            Text(
                $"{fit.Law.Formula} ({fit.Law.Citation}). {100 * analysis.Options.Level:0} % intervals from {fit.Draws.Count} "
                    + $"resamples of the runs of each scheme.{bounds}{limit}{end}"
            )
        )
        {
            Tables = [table],
        };
    }

    private static ReportSection Extrapolation(SweepAnalysis analysis)
    {
        LeaveLargestOut unified = LeaveLargestOut.Run(inputs => UnifiedLaw.For(inputs), analysis.Fitted, analysis.Options),
            free = LeaveLargestOut.Run(inputs => SweepAnalysis.Law("decoupled", "tanh", inputs), analysis.Fitted, analysis.Options);
        var table = new DataTable(
            new("scheme", "weights × activations"),
            new("params", "params", Words: Params),
            new("loss", "loss", "0.0000"),
            new("unified", "unified − loss", "0.0000"),
            new("decoupled", "decoupled − loss", "0.0000")
        );
        for (int i = 0; i < unified.HeldOut.Count; i++)
        {
            TrainingRun run = unified.HeldOut[i];
            table.Add(LawPlots.Scheme(run.Input), run.Input.Params, run.Loss, unified.Errors[i], free.Errors[i]);
        }
        return new(
            "",
            Text(
                $"Fitted to {unified.Fit.Runs.Count} runs of smaller models, the unified law misses the {unified.HeldOut.Count} "
                    + $"runs of {AxisText.Count(unified.HeldOut[0].Input.Params)} parameters by {unified.Rms:0.0000} nats (rms), at most "
                    + $"{unified.Max:0.0000}; the decoupled law by {free.Rms:0.0000} and {free.Max:0.0000}."
            )
        )
        {
            Tables = [table],
        };
    }

    private static ReportSection Figures(SweepAnalysis analysis) =>
        new("", "Of the unified law.") { Plots = [.. LawPlots.All(analysis.Unified)] };

    private static string? Params(object value) => AxisText.Count(Convert.ToDouble(value, CultureInfo.InvariantCulture));

    private static string Span(IEnumerable<double> values, string format)
    {
        (double low, double high) = (values.Min(), values.Max());
        string first = low.ToString(format, CultureInfo.InvariantCulture),
            last = high.ToString(format, CultureInfo.InvariantCulture);
        return first == last ? first : $"{first} – {last}";
    }

    private static string Text(ref DefaultInterpolatedStringHandler text) => text.ToStringAndClear();
}
