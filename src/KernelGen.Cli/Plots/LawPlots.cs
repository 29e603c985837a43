using KernelGen.Scaling;

namespace KernelGen.Cli.Plots;

/// <summary>The plots people expect of a fitted law.</summary>
internal static class LawPlots
{
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

    /// <summary>Loss by parameters: dots of the runs, and the fit with its interval at the most tokens per parameter of each scheme.</summary>
    public static string Loss(FittedLaw fit)
    {
        var plot = new SvgPlot("Loss by parameters, fit and interval", "parameters N", "loss") { LogX = true };
        var planner = new LawPlanner(FitDocument.Of(fit));
        int color = 0;
        foreach (IGrouping<string, TrainingRun> scheme in ByScheme(fit))
        {
            plot.Add(new(scheme.Key, [.. scheme.Select(run => (run.Input.Params, run.Loss))]) { Color = color });
            // One curve per ratio of tokens to parameters would hide the dots: that of the most thoroughly trained runs.
            TrainingRun most = scheme.MaxBy(run => run.Input.Tokens / run.Input.Params)!;
            double ratio = most.Input.Tokens / most.Input.Params, low = scheme.Min(run => run.Input.Params), high = scheme.Max(run => run.Input.Params) * 1.5;
            LossForecast[] curve = [.. Enumerable.Range(0, 30).Select(i => low * Math.Pow(high / low, i / 29.0)).Select(n => planner.Predict(most.Input.At(n, n * ratio)))];
            plot.Add(new("", [.. curve.Select(f => (f.Input.Params, f.Loss))]) { Line = true, Color = color, Band = [.. curve.Select(f => (f.Low, f.High))] });
            color++;
        }
        return plot.Render();
    }

    private static string Predicted(FittedLaw fit)
    {
        var plot = new SvgPlot("Predicted and observed", "observed loss", "predicted loss");
        double low = fit.Runs.Min(run => run.Loss), high = fit.Runs.Max(run => run.Loss);
        plot.Add(new("equal", [(low, low), (high, high)]) { Line = true, Color = -1, Dashed = true });
        int color = 0;
        foreach (IGrouping<string, TrainingRun> scheme in ByScheme(fit))
        {
            plot.Add(new(scheme.Key, [.. scheme.Select(run => (run.Loss, fit.Predict(run.Input)))]) { Color = color++ });
        }
        return plot.Render();
    }

    private static string Residuals(FittedLaw fit)
    {
        var plot = new SvgPlot("Residuals (predicted minus observed)", "parameters N", fit.Law.LogResiduals ? "residual of ln loss" : "residual") { LogX = true };
        int color = 0;
        var residual = fit.Runs.Zip(fit.Residuals).ToDictionary(pair => pair.First.Input, pair => pair.Second);
        foreach (IGrouping<string, TrainingRun> scheme in ByScheme(fit))
        {
            plot.Add(new(scheme.Key, [.. scheme.Select(run => (run.Input.Params, residual[run.Input]))]) { Color = color++ });
        }
        return plot.Render();
    }

    private static string Capacity(FittedLaw fit, UnifiedLaw law)
    {
        var plot = new SvgPlot("Capacity by Gaussian MSE: weights", "Gaussian MSE", "capacity ρ") { LogX = true };
        double[] values = [.. fit.Values];
        RepresentationPoint[] points = [.. fit.Runs.Select(run => run.Input.Weights).Where(point => !point.IsDense).DistinctBy(point => point.Name)];
        int color = 0;
        foreach (IGrouping<string, RepresentationPoint> family in points.GroupBy(point => point.Family))
        {
            double low = Math.Min(1e-3, family.Min(p => p.Gmse));
            plot.Add(new($"fit, {family.Key}", [.. Enumerable.Range(0, 60).Select(i => low * Math.Pow(0.9 / low, i / 59.0)).Select(g => (g, law.Capacity(family.First() with { Gmse = g }, values)))]) { Line = true, Color = color });
            plot.Add(new($"bound at its bits, {family.Key}", [.. family.Select(p => (FormatOptimality.ShannonGmse(p.Bits), law.Capacity(p with { Gmse = FormatOptimality.ShannonGmse(p.Bits) }, values)))]) { Color = -1 });
            color++;
        }
        // Dots: what the runs say without a curve.
        if (Free(fit) is { } free)
        {
            plot.Add(new("free ρ of the runs", [.. points.Where(p => free.Parameters.Any(q => q.Name == $"rho[{p.Name}]")).Select(p => (p.Gmse, free[$"rho[{p.Name}]"]))]) { Color = 1 });
        }
        return plot.Render();
    }

    private static string? Factorisation(FittedLaw fit, UnifiedLaw law)
    {
        // Multipliers per scheme against the product of the fitted factors.
        try
        {
            FittedLaw schemes = LawFit.Run(EffectiveMultiplierLaw.For(fit.Runs.Select(run => run.Input)), fit.Runs, fit.Options with { Bootstrap = 0, Descents = 6, Candidates = 300, Progress = null });
            double[] values = [.. fit.Values];
            string[] rows = [.. fit.Runs.Select(run => run.Input.Weights.Name).Distinct().Order(StringComparer.Ordinal)], columns = [.. fit.Runs.Select(run => run.Input.Activations.Name).Distinct().Order(StringComparer.Ordinal)];
            return SvgHeatMap.Render("Factorisation error: multiplier of the scheme minus product ρ(W)·ρ(A)", rows, columns, (i, j) =>
                fit.Runs.FirstOrDefault(run => run.Input.Weights.Name == rows[i] && run.Input.Activations.Name == columns[j])?.Input is { } input
                    && schemes.Parameters.FirstOrDefault(p => p.Name == $"rho[{EffectiveMultiplierLaw.Scheme(input)}]") is { } multiplier
                        ? multiplier.Value - law.Capacity(input, values) : null);
        }
        catch (FitException)
        {
            return null;
        }
    }

    private static string Pareto(FittedLaw fit)
    {
        LawInput largest = fit.Runs.MaxBy(run => run.Input.Params)!.Input;
        var planner = new LawPlanner(FitDocument.Of(fit));
        var rows = fit.Runs.Select(run => run.Input).DistinctBy(Scheme).Select(input => (Name: Scheme(input), Bytes: largest.Params * input.Weights.Bits / 8, planner.Predict(input.At(largest.Params, largest.Tokens)).Loss)).ToArray();
        var plot = new SvgPlot($"Loss by bytes of the weights at {largest.Params.ToString("G3", System.Globalization.CultureInfo.InvariantCulture)} parameters", "bytes", "predicted loss") { LogX = true };
        for (int i = 0; i < rows.Length; i++)
        {
            plot.Add(new(rows[i].Name, [(rows[i].Bytes, rows[i].Loss)]) { Color = i });
        }
        return plot.Add(new("Pareto front", [.. ParetoFront.Of(rows, row => row.Bytes, row => row.Loss).Select(row => (row.Bytes, row.Loss))]) { Line = true, Color = -1 }).Render();
    }

    private static FittedLaw? Free(FittedLaw fit)
    {
        try
        {
            return LawFit.Run(DecoupledLaw.For(fit.Runs.Select(run => run.Input)), fit.Runs, fit.Options with { Bootstrap = 0, Descents = 6, Candidates = 300, Progress = null });
        }
        catch (FitException)
        {
            return null;
        }
    }

    private static IEnumerable<IGrouping<string, TrainingRun>> ByScheme(FittedLaw fit) => fit.Runs.GroupBy(run => Scheme(run.Input)).OrderBy(group => group.Key, StringComparer.Ordinal);

    private static string Scheme(LawInput input) => input.Weights.IsDense && input.Activations.IsDense ? "dense" : $"{input.Weights.Name} × {input.Activations.Name}";
}
