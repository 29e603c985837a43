using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>The plots of plans and predictions.</summary>
internal static class PlanPlots
{
    /// <summary>Loss along sizes of equal compute, with intervals and the best size of each scheme.</summary>
    public static string IsoFlop(double flop, IReadOnlyList<IReadOnlyList<LossForecast>> curves, IReadOnlyList<LossForecast> best)
    {
        var plot = new SvgPlot($"Loss at equal compute, 6·N·D = {AxisText.Plain(flop)} FLOP", "parameters N", "predicted loss")
        {
            LogX = true,
            XText = AxisText.Count,
            Note = "weights × activations; marks: best size",
        };
        for (int i = 0; i < curves.Count; i++)
        {
            plot.Add(
                new("", [.. curves[i].Select(f => (f.Input.Params, f.Loss))])
                {
                    Line = true,
                    Color = i,
                    Band = [.. curves[i].Select(f => (f.Low, f.High))],
                }
            );
            plot.Add(new(LawPlots.Scheme(best[i].Input), [(best[i].Input.Params, best[i].Loss)]) { Color = i });
        }
        return plot.Render();
    }

    /// <summary>Sizes and tokens of equal loss, with the cheapest of each scheme.</summary>
    public static string IsoLoss(double loss, IReadOnlyList<IReadOnlyList<LossForecast>> curves, IReadOnlyList<LossForecast> cheapest)
    {
        var plot = new SvgPlot($"Sizes that reach a loss of {AxisText.Plain(loss)}", "parameters N", "tokens D")
        {
            LogX = true,
            LogY = true,
            XText = AxisText.Count,
            YText = AxisText.Count,
            Note = "weights × activations; marks: least compute",
        };
        for (int i = 0; i < curves.Count; i++)
        {
            plot.Add(new("", [.. curves[i].Select(f => (f.Input.Params, f.Input.Tokens))]) { Line = true, Color = i });
            plot.Add(new(LawPlots.Scheme(cheapest[i].Input), [(cheapest[i].Input.Params, cheapest[i].Input.Tokens)]) { Color = i });
        }
        return plot.Render();
    }

    /// <summary>Capacity of formats on their curves, and their bounds.</summary>
    public static string Optimality(
        UnifiedLaw law,
        double[] values,
        IReadOnlyList<RepresentationPoint> formats,
        Func<double, double> boundGmse,
        string bound
    )
    {
        SvgPlot plot = LawPlots.CapacityCurves(law, values, formats, boundGmse, bound);
        for (int i = 0; i < formats.Count; i++)
        {
            plot.Add(new(formats[i].Name, [(formats[i].Gmse, law.Capacity(formats[i], values))]) { Color = i });
        }
        return plot.Render();
    }

    /// <summary>Loss by parameters at the tokens of one prediction, dense and compressed, around it.</summary>
    public static string Prediction(LawPlanner planner, LossForecast forecast)
    {
        LawInput input = forecast.Input,
            dense = input.In(RepresentationPoint.Dense);
        double[] sizes = [.. Enumerable.Range(0, 31).Select(i => input.Params * Math.Pow(10, (i - 15) / 15.0))];
        var plot = new SvgPlot($"Predicted loss, D = {AxisText.Count(input.Tokens)}", "parameters N", "predicted loss")
        {
            LogX = true,
            XText = AxisText.Count,
            Note = "weights × activations; bands and bar: interval",
        };
        bool compressed = !input.Weights.IsDense || !input.Activations.IsDense || !input.KvCache.IsDense;
        if (compressed)
        {
            Curve(dense, "dense", 1);
        }
        Curve(input, compressed ? LawPlots.Scheme(input) : "dense", 0);
        return plot.Add(new("asked for", [(input.Params, forecast.Loss)]) { Color = 0, Band = [(forecast.Low, forecast.High)] }).Render();

        void Curve(LawInput like, string name, int color)
        {
            LossForecast[] curve = [.. sizes.Select(n => planner.Predict(like.At(n, input.Tokens)))];
            plot.Add(
                new(name, [.. curve.Select(f => (f.Input.Params, f.Loss))])
                {
                    Line = true,
                    Color = color,
                    Band = [.. curve.Select(f => (f.Low, f.High))],
                }
            );
        }
    }
}
