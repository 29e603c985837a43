using System.Globalization;
using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>The plots people expect of a fitted law.</summary>
internal static class LawPlots
{
    /// <summary>Width between the axes and least height, of plots without and with names at their points.</summary>
    private const double Narrow = 440,
        Low = 400,
        Wide = 700,
        High = 560;

    /// <summary>How many runs are named in a plot of errors.</summary>
    private const int FarRuns = 8;

    /// <summary>All plots that make sense for a fit, by file name.</summary>
    public static IEnumerable<(string Name, string Svg)> All(FittedLaw fit)
    {
        yield return ("loss", Loss(fit));
        yield return ("predicted", Predicted(fit));
        yield return ("residuals", Residuals(fit));
        if (fit.Law is UnifiedLaw unified && fit.Runs.Any(run => !run.Input.Weights.IsDense))
        {
            yield return ("capacity", Capacity(fit, unified));
            if (Factorisation(fit, unified) is { } map)
            {
                yield return ("factorisation", map);
            }
        }
        if (fit.Runs.Any(run => !run.Input.Weights.IsDense))
        {
            yield return ("pareto", Pareto(fit));
        }
    }

    /// <summary>
    /// Loss by parameters: marks of the runs, and the fit with its interval. Where schemes differ there is a curve per scheme, at its
    /// most tokens per parameter; where all runs are of one scheme, a curve per ratio of tokens to parameters.
    /// </summary>
    public static string Loss(FittedLaw fit)
    {
        var planner = new LawPlanner(FitDocument.Of(fit));
        IGrouping<string, TrainingRun>[] groups = [.. ByScheme(fit)];
        bool ratios = groups.Length == 1;
        groups = ratios ? ByRatio(fit) : groups;
        var colors = SchemeColors.Of(Inputs(fit.Runs));
        var plot = new SvgPlot(
            colors.Named ? "Loss by parameters, and fit" : "Loss by parameters, fit and interval",
            "parameters N",
            "loss"
        )
        {
            LogX = true,
            XText = AxisText.Count,
            Area = colors.Named ? Wide : Narrow,
            Height = colors.Named ? High : Low,
            Note = ratios
                ? "D/N: tokens per parameter; curves at the middle of each group"
                : colors.Note + "; curves and filled marks: most tokens per parameter; hollow: fewer",
        };
        double largest = fit.Runs.Max(run => run.Input.Params);
        for (int i = 0; i < groups.Length; i++)
        {
            IGrouping<string, TrainingRun> group = groups[i];
            int color = ratios ? i : colors.Color(group.First().Input);
            string name = ratios ? group.Key : colors.Group(group.First().Input);
            double most = group.Max(Ratio),
                ratio = ratios ? Math.Sqrt(most * group.Min(Ratio)) : most;
            double low = group.Min(run => run.Input.Params),
                high = group.Max(run => run.Input.Params) * 1.5;
            LawInput like = group.MaxBy(Ratio)!.Input;
            LossForecast[] curve =
            [
                .. Enumerable
                    .Range(0, 30)
                    .Select(i => low * Math.Pow(high / low, i / 29.0))
                    .Select(n => planner.Predict(like.At(n, n * ratio))),
            ];
            plot.Add(
                new("", [.. curve.Select(f => (f.Input.Params, f.Loss))])
                {
                    Line = true,
                    Color = color,
                    Band = colors.Named ? null : [.. curve.Select(f => (f.Low, f.High))],
                    Labels = [.. curve.Select((f, at) => at == curve.Length - 1 && high > largest ? colors.Label(f.Input) : null)],
                }
            );
            plot.Add(Dots(name, group.Where(run => ratios || Ratio(run) > 0.9 * most)) with { Color = color });
            plot.Add(Dots(name, group.Where(run => !ratios && Ratio(run) <= 0.9 * most)) with { Color = color, Hollow = true });
        }
        return plot.Render();

        PlotSeries Dots(string name, IEnumerable<TrainingRun> runs) =>
            new(name, [.. runs.Select(run => (run.Input.Params, run.Loss))])
            {
                Labels = [.. runs.Select(run => colors.Label(run.Input, written: false))],
            };
    }

    private static double Ratio(TrainingRun run) => run.Input.Tokens / run.Input.Params;

    /// <summary>At most nine groups of like ratios of tokens to parameters.</summary>
    private static IGrouping<string, TrainingRun>[] ByRatio(FittedLaw fit)
    {
        for (double factor = 2; ; factor *= 2)
        {
            IGrouping<string, TrainingRun>[] groups =
            [
                .. fit.Runs.OrderBy(Ratio).GroupBy(run => $"D/N ≈ {Rounded(Math.Pow(factor, Math.Round(Math.Log(Ratio(run), factor))))}"),
            ];
            if (groups.Length <= 9)
            {
                return groups;
            }
        }
    }

    private static string Rounded(double value) =>
        AxisText.Plain(double.Parse(value.ToString("G2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    private static string Predicted(FittedLaw fit) => Predicted(fit.Runs, fit.Predict);

    /// <summary>Predicted against observed loss, by scheme.</summary>
    public static string Predicted(IReadOnlyList<TrainingRun> runs, Func<LawInput, double> predict)
    {
        var colors = SchemeColors.Of(Inputs(runs));
        var plot = new SvgPlot("Predicted and observed loss", "observed loss", "predicted loss")
        {
            Area = colors.Named ? Wide : Narrow,
            Height = colors.Named ? High : Low,
            Note = Farthest(colors),
        };
        double low = runs.Min(run => run.Loss),
            high = runs.Max(run => run.Loss);
        plot.Add(
            new("equal", [(low, low), (high, high)])
            {
                Line = true,
                Color = -1,
                Dashed = true,
            }
        );
        AddRuns(plot, colors, [.. runs.Select(run => (run.Input, (run.Loss, predict(run.Input)), predict(run.Input) - run.Loss))]);
        return plot.Render();
    }

    private static string Residuals(FittedLaw fit)
    {
        var colors = SchemeColors.Of(Inputs(fit.Runs));
        var plot = new SvgPlot(
            "Residuals: predicted minus observed",
            "parameters N",
            fit.Law.LogResiduals ? "residual of ln loss" : "residual"
        )
        {
            LogX = true,
            XText = AxisText.Count,
            Area = colors.Named ? Wide : Narrow,
            Height = colors.Named ? High : Low,
            Note = Farthest(colors),
        };
        AddRuns(plot, colors, [.. fit.Runs.Zip(fit.Residuals, (run, error) => (run.Input, (run.Input.Params, error), error))]);
        return plot.Render();
    }

    private static string Farthest(SchemeColors colors) => colors.Named ? $"{colors.Note}; the {FarRuns} runs farthest off" : colors.Note;

    /// <summary>Runs as points; where colours are not schemes, those with the largest errors are named.</summary>
    private static void AddRuns(SvgPlot plot, SchemeColors colors, IReadOnlyList<(LawInput Input, (double, double) At, double Error)> runs)
    {
        double far = runs.Select(run => Math.Abs(run.Error)).OrderDescending().ElementAtOrDefault(FarRuns - 1);
        foreach (var group in runs.GroupBy(run => colors.Color(run.Input)).OrderBy(group => group.Key))
        {
            plot.Add(
                new(colors.Groups[group.Key], [.. group.Select(run => run.At)])
                {
                    Color = group.Key,
                    Labels = [.. group.Select(run => colors.Label(run.Input, Math.Abs(run.Error) >= far))],
                }
            );
        }
    }

    /// <summary>
    /// ρ by Gaussian MSE: the fitted curve of each family, what the runs say without a curve, and the bound of each width.
    /// </summary>
    private static string Capacity(FittedLaw fit, UnifiedLaw law)
    {
        double[] values = [.. fit.Values];
        RepresentationPoint[] points =
        [
            .. fit.Runs.Select(run => run.Input.Weights).Where(point => !point.IsDense).DistinctBy(point => point.Name),
        ];
        SvgPlot plot = CapacityCurves(law, values, points, FormatOptimality.ShannonGmse, "bound: Shannon's error at the same bits");
        if (Relative(fit) is { } relative)
        {
            ILookup<string, TrainingRun> runs = fit
                .Runs.Where(run => run.Input.Activations.IsDense)
                .ToLookup(run => run.Input.Weights.Name);
            plot.Add(
                new(
                    "ρ of the runs, relative to dense ones",
                    [
                        .. from point in points
                        let estimate = relative.Of(runs[point.Name])
                        where estimate is not null
                        select (point.Gmse, estimate.Value),
                    ]
                )
                {
                    Color = 6,
                }
            );
        }
        return plot.Render();
    }

    /// <summary>Curves of the families of some formats, each format's ρ at its bound, without further marks.</summary>
    public static SvgPlot CapacityCurves(
        UnifiedLaw law,
        double[] values,
        IReadOnlyList<RepresentationPoint> points,
        Func<double, double> boundGmse,
        string bound
    )
    {
        var plot = new SvgPlot("Capacity by Gaussian MSE: weights", "Gaussian MSE relative to the variance", "capacity ρ") { LogX = true };
        double low = Math.Min(1e-3, points.Min(p => Math.Min(p.Gmse, boundGmse(p.Bits))));
        int color = 0;
        foreach (IGrouping<string, RepresentationPoint> family in points.GroupBy(point => point.Family))
        {
            plot.Add(
                new(
                    $"curve of {family.Key}",
                    [
                        .. Enumerable
                            .Range(0, 80)
                            .Select(i => low * Math.Pow(0.95 / low, i / 79.0))
                            .Select(g => (g, law.Capacity(family.First() with { Gmse = g }, values))),
                    ]
                )
                {
                    Line = true,
                    Color = color++,
                    Dashed = family.DistinctBy(p => p.Gmse).Count() == 1,
                }
            );
            plot.Add(
                new(bound, [.. family.Select(p => (boundGmse(p.Bits), law.Capacity(p with { Gmse = boundGmse(p.Bits) }, values)))])
                {
                    Color = -1,
                    Hollow = true,
                }
            );
        }
        return plot;
    }

    private static string? Factorisation(FittedLaw fit, UnifiedLaw law)
    {
        // Multipliers per scheme against the product of the fitted factors.
        try
        {
            FittedLaw schemes = LawFit.Run(
                EffectiveMultiplierLaw.For(fit.Runs.Select(run => run.Input)),
                fit.Runs,
                fit.Options with
                {
                    Bootstrap = 0,
                    Descents = 6,
                    Candidates = 300,
                    Progress = null,
                }
            );
            double[] values = [.. fit.Values];
            string[] rows = [.. fit.Runs.Select(run => run.Input.Weights.Name).Distinct().Order(StringComparer.Ordinal)],
                columns = [.. fit.Runs.Select(run => run.Input.Activations.Name).Distinct().Order(StringComparer.Ordinal)];
            return SvgHeatMap.Render(
                "Factorisation error",
                "ρ of the scheme fitted freely, minus the product ρ(W)·ρ(A) of the curves; mean over methods",
                ("weights", rows),
                ("activations", columns),
                (i, j) =>
                {
                    double[] errors =
                    [
                        .. from input in fit.Runs.Select(run => run.Input)
                        where input.Weights.Name == rows[i] && input.Activations.Name == columns[j]
                        let multiplier = schemes.Parameters.FirstOrDefault(p => p.Name == $"rho[{EffectiveMultiplierLaw.Scheme(input)}]")
                        where multiplier is not null
                        select multiplier.Value - law.Capacity(input, values),
                    ];
                    return errors.Length > 0 ? errors.Average() : null;
                }
            );
        }
        catch (FitException)
        {
            return null;
        }
    }

    private static string Pareto(FittedLaw fit)
    {
        LawInput largest = fit.Runs.OrderByDescending(run => run.Input.Params).ThenByDescending(run => run.Input.Tokens).First().Input;
        var planner = new LawPlanner(FitDocument.Of(fit));
        return Front(
            $"Loss by bytes of the weights, N = {AxisText.Count(largest.Params)}, D = {AxisText.Count(largest.Tokens)}",
            [
                .. fit
                    .Runs.Select(run => run.Input)
                    .DistinctBy(Scheme)
                    .OrderBy(Scheme, StringComparer.Ordinal)
                    .Select(input => (largest.Params * input.Weights.Bits / 8, planner.Predict(input.At(largest.Params, largest.Tokens)))),
            ]
        );
    }

    /// <summary>Predicted loss of schemes by what they cost in memory, and the Pareto front.</summary>
    public static string Front(string title, IReadOnlyList<(double Bytes, LossForecast Forecast)> rows)
    {
        var colors = SchemeColors.Common([.. rows.Select(row => row.Forecast.Input)]);
        var front = ParetoFront.Of(rows, row => row.Bytes, row => row.Forecast.Loss).ToHashSet();
        var plot = new SvgPlot(title, "bytes of the weights", "predicted loss")
        {
            LogX = true,
            XText = AxisText.Bytes,
            Area = Wide,
            Height = High,
            LegendInside = true,
            Note = $"{colors.Note}; bold and line: Pareto front; bars: interval",
        };
        plot.Add(
            new("Pareto front", [.. front.OrderBy(row => row.Bytes).Select(row => (row.Bytes, row.Forecast.Loss))])
            {
                Line = true,
                Color = -1,
            }
        );
        foreach (var group in rows.GroupBy(row => colors.Color(row.Forecast.Input)).OrderBy(group => group.Key))
        {
            plot.Add(
                new(colors.Groups[group.Key], [.. group.Select(row => (row.Bytes, row.Forecast.Loss))])
                {
                    Color = group.Key,
                    Band = [.. group.Select(row => (row.Forecast.Low, row.Forecast.High))],
                    Labels = [.. group.Select(row => colors.Label(row.Forecast.Input, bold: front.Contains(row)))],
                }
            );
        }
        return plot.Render();
    }

    /// <summary>
    /// Capacities relative to dense runs of the same size, by the law with one multiplier per scheme; null where it cannot be fitted.
    /// </summary>
    private static RelativeCapacities? Relative(FittedLaw fit)
    {
        try
        {
            FitOptions quick = fit.Options with { Bootstrap = 0, Descents = 6, Candidates = 300, Progress = null };
            return new(SchemeCapacities.Of(fit.Runs, quick), fit.Runs);
        }
        catch (FitException)
        {
            return null;
        }
    }

    private static IEnumerable<IGrouping<string, TrainingRun>> ByScheme(FittedLaw fit) =>
        fit.Runs.GroupBy(run => Scheme(run.Input)).OrderBy(group => group.Key, StringComparer.Ordinal);

    private static LawInput[] Inputs(IEnumerable<TrainingRun> runs) => [.. runs.Select(run => run.Input)];

    /// <summary>The name of a scheme in legends.</summary>
    public static string Scheme(LawInput input) =>
        input.Weights.IsDense && input.Activations.IsDense ? "dense" : $"{input.Weights.Name} × {input.Activations.Name}";
}
