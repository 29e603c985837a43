using MathNet.Numerics.Distributions;

namespace KernelGen.Scaling;

/// <summary>
/// How the best objective depends on one parameter: the interval for a parameter that ended on a bound, where a bootstrap only
/// repeats the bound. Values whose deviance <c>2·(objective − best)/s</c> is below the quantile of χ² with one degree of freedom are
/// inside; s is the scale of the Huber likelihood at the best fit.
/// </summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Points">Value and deviance, from the fitted value outwards, ascending.</param>
/// <param name="Low">Lower end of the interval; the parameter's bound if nothing above it is excluded.</param>
/// <param name="High">Upper end.</param>
public sealed record ProfileLikelihood(string Parameter, IReadOnlyList<(double Value, double Deviance)> Points, double Low, double High)
{
    private const int MostSteps = 40;

    /// <summary>Profiles one parameter of a fit.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="parameter">A parameter that was fitted.</param>
    /// <exception cref="FitException">The parameter was held.</exception>
    public static ProfileLikelihood Of(FittedLaw fit, string parameter)
    {
        ParameterEstimate estimate = fit.Parameters.FirstOrDefault(p => p.Name == parameter)
            ?? throw new FitException(
                $"{fit.Law.Name} has no parameter '{parameter}'. {NearestName.Sentence(parameter, fit.Parameters.Select(p => p.Name))}"
            );
        if (estimate.Status == ParameterStatus.Held)
        {
            throw new FitException($"'{parameter}' was held, so it has no profile.");
        }
        LawParameter row = fit.Law.Parameters.Single(p => p.Name == parameter);
        (double lower, double upper) = fit.Options.Bounds.TryGetValue(parameter, out var bounds) ? bounds : (row.Lower, row.Upper);
        double threshold = ChiSquared.InvCDF(1, fit.Options.Level);
        (_, double scale) = HuberLoss.Likelihood(fit.Objective, fit.Runs.Count, fit.Options.HuberDelta);
        var points = new SortedDictionary<double, double> { [estimate.Value] = 0 };
        double low = Walk(-1, lower),
            high = Walk(1, upper);
        return new(parameter, [.. points.Select(point => (point.Key, point.Value))], low, high);

        double Walk(int direction, double bound)
        {
            double value = estimate.Value,
                before = value,
                deviance = 0,
                deviationBefore = 0;
            IReadOnlyList<double> start = fit.Values;
            double step = Math.Max(Math.Abs(value), 0.1 * (row.StartHigh - row.StartLow)) * 0.02;
            for (int i = 0; i < MostSteps && value != bound; i++)
            {
                fit.Options.Cancellation.ThrowIfCancellationRequested();
                value = direction < 0 ? Math.Max(bound, before - step) : Math.Min(bound, before + step);
                FittedLaw at = LawFit.Refit(
                    fit.Law,
                    fit.Runs,
                    start,
                    fit.Options with
                    {
                        Bootstrap = 0,
                        Fixed = new Dictionary<string, double>(fit.Options.Fixed) { [parameter] = value },
                    }
                );
                deviance = Math.Max(0, 2 * (at.Objective - fit.Objective) / scale);
                points[value] = deviance;
                if (deviance > threshold)
                {
                    // Between the last value inside and the first outside, the deviance is nearly a parabola: its root is nearly linear.
                    double a = Math.Sqrt(deviationBefore),
                        b = Math.Sqrt(deviance);
                    return before + (value - before) * (Math.Sqrt(threshold) - a) / (b - a);
                }
                if (deviance < 0.25 * threshold)
                {
                    step *= 2;
                }
                start = at.Values;
                before = value;
                deviationBefore = deviance;
            }
            return value;
        }
    }
}
