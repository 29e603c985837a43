using System.Globalization;
using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>Sections about laws fitted to one run table: how they compare, and for each its parameters, residuals and plots.</summary>
internal static class LawReport
{
    private const int Worst = 5;

    /// <summary>The sections.</summary>
    /// <param name="table">The runs.</param>
    /// <param name="fits">Fits of one law or several to them.</param>
    public static IReadOnlyList<ReportSection> Of(RunTable table, IReadOnlyList<FittedLaw> fits)
    {
        List<ReportSection> sections = fits.Count > 1 ? [Comparison(fits)] : [];
        foreach (FittedLaw fit in fits)
        {
            string prefix = fits.Count > 1 ? $"{fit.Law.Name}-" : "";
            sections.Add(
                new(fit.Law.Title, Words(fit))
                {
                    Warnings = [.. Warnings(table, fit)],
                    Tables = [Parameters(fit), Residuals(fit)],
                    Plots = [.. LawPlots.All(fit).Select(plot => (prefix + plot.Name, plot.Svg))],
                }
            );
        }
        return sections;
    }

    private static ReportSection Comparison(IReadOnlyList<FittedLaw> fits)
    {
        var table = new DataTable(
            new("law", "law"),
            new("free", "free parameters"),
            new("objective", "objective", "0.0000E-00"),
            new("rms", "rms of ln loss", "G3"),
            new("largest", "largest", "G3"),
            new("r2", "R²", "F4"),
            new("aic", "AIC", "F1")
        );
        foreach (FittedLaw fit in fits)
        {
            table.Add(fit.Law.Name, fit.FreeParameters, fit.Objective, fit.Rmse, fit.MaxAbsResidual, fit.RSquared, fit.Aic);
        }
        FittedLaw best = fits.MinBy(fit => fit.Aic)!;
        return new("Laws", $"All laws are fitted to the same {best.Runs.Count} runs. By AIC {best.Law.Name} is best.") { Tables = [table] };
    }

    private static string Words(FittedLaw fit) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{fit.Law.Formula} ({fit.Law.Citation}). {fit.Runs.Count} runs, {fit.FreeParameters} free parameters; objective "
                + $"{fit.Objective:0.0000E-00} (Huber δ {fit.Options.HuberDelta:G3}), rms residual of ln loss {fit.Rmse:G3}, largest "
                + $"{fit.MaxAbsResidual:G3}, R² {fit.RSquared:F4}, AIC {fit.Aic:F1}. Intervals: {100 * fit.Options.Level:F0} %, "
                + $"{fit.Draws.Count} resamples."
        );

    private static DataTable Parameters(FittedLaw fit)
    {
        var table = new DataTable(
            new("parameter", "parameter"),
            new("value", "value", "G6"),
            new("low", "low", "G5"),
            new("high", "high", "G5"),
            new("status", "status")
        );
        foreach (ParameterEstimate parameter in fit.Parameters)
        {
            table.Add(parameter.Name, parameter.Value, parameter.Low, parameter.High, Words(parameter.Status));
        }
        return table;
    }

    private static DataTable Residuals(FittedLaw fit)
    {
        var table = new DataTable(
            new("line", "line"),
            new("params", "parameters", Words: Count),
            new("tokens", "tokens", Words: Count),
            new("scheme", "scheme"),
            new("loss", "loss", "F4"),
            new("predicted", "predicted", "F4")
        );
        foreach ((TrainingRun run, _) in fit.Runs.Zip(fit.Residuals).OrderByDescending(pair => Math.Abs(pair.Second)).Take(Worst))
        {
            table.Add(run.Line, run.Input.Params, run.Input.Tokens, LawPlots.Scheme(run.Input), run.Loss, fit.Predict(run.Input));
        }
        return table;
    }

    private static string Count(object number) => AxisText.Count((double)number);

    private static IEnumerable<string> Warnings(RunTable table, FittedLaw fit)
    {
        if (!fit.Converged)
        {
            yield return "The fit did not converge.";
        }
        if (fit.OnBound.Any())
        {
            yield return $"On a bound: {string.Join(", ", fit.OnBound.Select(p => p.Name))}. The other parameters depend on it.";
        }
        string[] mixed = fit.Law is EffectiveMultiplierLaw ? [] : [.. Mixed(table)];
        if (mixed.Length > 0)
        {
            yield return $"Several methods in one scheme: {string.Join("; ", mixed)}. This law does not tell methods apart; keep one with "
                + "--where, or fit --law frantar-multiplier.";
        }
    }

    /// <summary>Schemes in which several methods of training meet.</summary>
    private static IEnumerable<string> Mixed(RunTable table)
    {
        foreach (IGrouping<string, TrainingRun> scheme in table.Runs.GroupBy(run => LawPlots.Scheme(run.Input)))
        {
            string[] methods =
            [
                .. scheme.Select(run => run.Input.Method).Where(method => method.Length > 0).Distinct().Order(StringComparer.Ordinal),
            ];
            if (methods.Length > 1)
            {
                yield return $"{scheme.Key} ({string.Join(", ", methods)})";
            }
        }
    }

    private static string Words(ParameterStatus status) =>
        status switch
        {
            ParameterStatus.Held => "held",
            ParameterStatus.AtLowerBound => "on its lower bound",
            ParameterStatus.AtUpperBound => "on its upper bound",
            _ => "fitted",
        };
}
