namespace KernelGen.Scaling;

/// <summary>
/// Capacities of schemes (method, weights, activations), each free, under one law of size and tokens; and the capacities that single
/// runs speak for under that law.
/// </summary>
public sealed class SchemeCapacities
{
    private SchemeCapacities(FittedLaw fit) => Fit = fit;

    /// <summary>The law with one multiplier per scheme.</summary>
    public FittedLaw Fit { get; }

    /// <summary>Fits one capacity per scheme.</summary>
    /// <param name="runs">The runs, dense ones among them.</param>
    /// <param name="options">How to fit.</param>
    /// <exception cref="FitException">The runs do not determine them.</exception>
    public static SchemeCapacities Of(IReadOnlyList<TrainingRun> runs, FitOptions options) =>
        new(LawFit.Run(EffectiveMultiplierLaw.For(runs.Select(run => run.Input)), runs, options));

    /// <summary>The capacity of a scheme as <see cref="EffectiveMultiplierLaw.Scheme"/> names it.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <exception cref="KeyNotFoundException">There was no such run.</exception>
    public double Capacity(string scheme) => Fit[$"rho[{scheme}]"];

    /// <summary>
    /// The capacity that one run speaks for: the share of its parameters with which a dense model would reach its loss. Null where the
    /// loss is below what the law says of any number of parameters.
    /// </summary>
    /// <param name="run">The run.</param>
    public double? Capacity(TrainingRun run) =>
        Rest(run) is > 0 and var rest ? Math.Pow(Fit["A"] / rest, 1 / Fit["alpha"]) / run.Input.Params : null;

    /// <summary>By how much ln ρ of a run falls when its ln loss rises.</summary>
    /// <param name="run">The run.</param>
    public double LogCapacityByLogLoss(TrainingRun run) => run.Loss / (Fit["alpha"] * Rest(run));

    /// <summary>The term in parameters: L = A·(N·ρ)^−α + B·D^−β + E, solved for it.</summary>
    private double Rest(TrainingRun run) => run.Loss - Fit["E"] - Fit["B"] * Math.Pow(run.Input.Tokens, -Fit["beta"]);
}
