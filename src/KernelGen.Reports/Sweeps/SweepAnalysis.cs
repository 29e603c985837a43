using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>
/// The runs of a sweep sorted by what they are for, and the fits that several sections of its report share. Groups whose names begin
/// with <c>noise</c>, <c>methods</c> or <c>order</c> are compared with the others and not fitted: a law has no place for the way of
/// training, and many seeds of one size would outweigh the other sizes.
/// </summary>
internal sealed class SweepAnalysis
{
    /// <summary>Laws side by side: label, name, capacity curve.</summary>
    public static readonly (string Label, string Law, string Form)[] Laws =
    [
        ("unified", "unified", "tanh"),
        ("unified, logistic", "unified", "logistic"),
        ("unified, logistic(1,0)", "unified", "logistic(1,0)"),
        ("decoupled", "decoupled", "tanh"),
        ("free per scheme", "frantar-multiplier", "tanh"),
        ("kumar", "kumar", "tanh"),
        ("chinchilla", "chinchilla", "tanh"),
    ];

    private readonly Lazy<FittedLaw> _unified;
    private readonly Lazy<RelativeCapacities> _capacities;
    private readonly Lazy<FittedLaw> _weights;

    public SweepAnalysis(RunTable table, FitOptions options)
    {
        Everything = table.Runs;
        All = RunRecipe.Usual(table.Runs);
        Noise = [.. All.Where(run => Begins(run, "noise"))];
        Methods = [.. All.Where(run => Begins(run, "methods"))];
        Order = [.. All.Where(run => Begins(run, "order"))];
        Fitted = [.. All.Except(Noise).Except(Methods).Except(Order)];
        WeightOnly = [.. Fitted.Where(run => run.Input.Activations.IsDense)];
        double[] entropies = [.. All.Select(run => run.Input.Get("entropy", double.NaN)).Distinct()];
        Entropy = entropies is [var entropy] && entropy > 0 ? entropy : null;
        Options = options with { Stratum = run => EffectiveMultiplierLaw.Scheme(run.Input) };
        _unified = new(() => LawFit.Run(UnifiedLaw.For(Fitted.Select(run => run.Input)), Fitted, Options));
        _capacities = new(() => new(SchemeCapacities.Of(Fitted, Options with { Bootstrap = 0 }), All));
        _weights = new(() => LawFit.Run(DecoupledLaw.For(WeightOnly.Select(run => run.Input)), WeightOnly, Options));
    }

    /// <summary>All runs of the table, of every recipe.</summary>
    public IReadOnlyList<TrainingRun> Everything { get; }

    /// <summary>The runs with the usual recipe, which alone can be compared by their representations.</summary>
    public IReadOnlyList<TrainingRun> All { get; }

    /// <summary>Runs with noise in place of a format.</summary>
    public IReadOnlyList<TrainingRun> Noise { get; }

    /// <summary>Runs that try other ways of training.</summary>
    public IReadOnlyList<TrainingRun> Methods { get; }

    /// <summary>Further seeds that tell formats of like width apart.</summary>
    public IReadOnlyList<TrainingRun> Order { get; }

    /// <summary>The runs that laws are fitted to.</summary>
    public IReadOnlyList<TrainingRun> Fitted { get; }

    /// <summary>Those of them whose activations are not compressed.</summary>
    public IReadOnlyList<TrainingRun> WeightOnly { get; }

    /// <summary>
    /// Entropy of the data, if it is known and one. E is not held above it: what fits the sizes of a sweep need not hold in the limit.
    /// </summary>
    public double? Entropy { get; }

    /// <summary>Errors on other distributions than the Gaussian: the name of each, and the error of a representation on it.</summary>
    public IReadOnlyList<(string Source, Func<string, double?> Error)> Sources { get; init; } = [];

    /// <summary>How laws are fitted.</summary>
    public FitOptions Options { get; }

    /// <summary>The unified law on all fitted runs.</summary>
    public FittedLaw Unified => _unified.Value;

    /// <summary>Capacities that runs speak for next to dense ones, by the law with one multiplier per scheme.</summary>
    public RelativeCapacities Capacities => _capacities.Value;

    /// <summary>One capacity per representation of weights, with intervals.</summary>
    public FittedLaw Weights => _weights.Value;

    /// <summary>A law of the comparison for some inputs. Weights and activations have a curve, or a value, each.</summary>
    public static IScalingLaw Law(string name, string form, IEnumerable<LawInput> inputs) =>
        LawCatalog.Create(name, inputs, new LawOptions { Form = CapacityForm.Named(form), Grouping = CapacityGrouping.Part });

    private static bool Begins(TrainingRun run, string name) => run.Group.StartsWith(name, StringComparison.OrdinalIgnoreCase);
}
