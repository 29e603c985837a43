namespace KernelGen.Scaling;

/// <summary>A law with fitted values, the residuals of its runs, and the bootstrap it draws intervals from.</summary>
public sealed class FittedLaw
{
    internal FittedLaw(
        FitProblem problem,
        double[] values,
        double objective,
        bool converged,
        IReadOnlyList<ParameterEstimate> estimates,
        IReadOnlyList<double[]> draws,
        double drawLevel,
        FitOptions options
    )
    {
        Law = problem.Law;
        Runs = problem.Runs;
        Values = values;
        Objective = objective;
        Converged = converged;
        Parameters = estimates;
        Draws = draws;
        DrawLevel = drawLevel;
        Options = options;
        FreeParameters = problem.Free.Length;
        Residuals = problem.Residuals(values);
    }

    /// <summary>The law.</summary>
    public IScalingLaw Law { get; }

    /// <summary>The runs it was fitted to.</summary>
    public IReadOnlyList<TrainingRun> Runs { get; }

    /// <summary>Values in the order of the law's parameters.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>The parameters with intervals.</summary>
    public IReadOnlyList<ParameterEstimate> Parameters { get; }

    /// <summary>How many of them were free.</summary>
    public int FreeParameters { get; }

    /// <summary>Values in each bootstrap resample.</summary>
    public IReadOnlyList<double[]> Draws { get; }

    /// <summary>
    /// Share of the draws that an interval spans: more than <see cref="FitOptions.Level"/> where there are few runs, see
    /// Hesterberg 2014, arXiv:1411.5279.
    /// </summary>
    public double DrawLevel { get; }

    /// <summary>The interval of a quantity that follows from the parameters.</summary>
    /// <param name="quantity">Computes it from values in the order of the law's parameters.</param>
    public (double Low, double High) Interval(Func<double[], double> quantity) =>
        Percentiles.Interval([.. Draws.Select(quantity)], DrawLevel, quantity([.. Values]));

    /// <summary>How it was fitted.</summary>
    public FitOptions Options { get; }

    /// <summary>Sum of the Huber losses (and priors) at the optimum.</summary>
    public double Objective { get; }

    /// <summary>True if the optimiser proved to itself that it stands on a minimum.</summary>
    public bool Converged { get; }

    /// <summary>Predicted minus observed per run, in logarithms where the law compares those.</summary>
    public IReadOnlyList<double> Residuals { get; }

    /// <summary>Root mean square of the residuals.</summary>
    public double Rmse => Math.Sqrt(Residuals.Average(r => r * r));

    /// <summary>The largest residual.</summary>
    public double MaxAbsResidual => Residuals.Max(Math.Abs);

    /// <summary>Share of the variance of the (log) losses that the law explains.</summary>
    public double RSquared
    {
        get
        {
            double[] observed = [.. Runs.Select(run => Law.LogResiduals ? Math.Log(run.Loss) : run.Loss)];
            double mean = observed.Average(),
                total = observed.Sum(o => (o - mean) * (o - mean));
            return 1 - Residuals.Sum(r => r * r) / total;
        }
    }

    /// <summary>Akaike's criterion under the Huber likelihood; its scale counts as a parameter.</summary>
    public double Aic => 2 * (FreeParameters + 1) + 2 * NegativeLogLikelihood;

    /// <summary>The Bayesian criterion under the Huber likelihood.</summary>
    public double Bic => Math.Log(Runs.Count) * (FreeParameters + 1) + 2 * NegativeLogLikelihood;

    /// <summary>Negative log likelihood of the residuals, see <see cref="HuberLoss.Likelihood"/>.</summary>
    public double NegativeLogLikelihood => HuberLoss.Likelihood(DataObjective, Runs.Count, Options.HuberDelta).NegativeLogLikelihood;

    /// <summary>Sum of the plain Huber losses, without weights and priors.</summary>
    public double DataObjective => Residuals.Sum(r => HuberLoss.Value(r, Options.HuberDelta));

    /// <summary>Parameters that ended on a bound.</summary>
    public IEnumerable<ParameterEstimate> OnBound =>
        Parameters.Where(p => p.Status is ParameterStatus.AtLowerBound or ParameterStatus.AtUpperBound);

    /// <summary>Those of them whose bound was not set on purpose.</summary>
    public IEnumerable<ParameterEstimate> Surprising => OnBound.Where(p => !Options.Bounds.ContainsKey(p.Name));

    /// <summary>The value of a parameter.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">The law has no such parameter.</exception>
    public double this[string name] =>
        Parameters.FirstOrDefault(p => p.Name == name)?.Value
        ?? throw new KeyNotFoundException(
            $"{Law.Name} has no parameter '{name}'. {NearestName.Sentence(name, Parameters.Select(p => p.Name))}"
        );

    /// <summary>The prediction for an input.</summary>
    /// <param name="input">Sizes and representations.</param>
    public double Predict(LawInput input) => Law.Predict(input, [.. Values], []);
}
