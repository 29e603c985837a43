namespace KernelGen.Scaling;

/// <summary>How a law is fitted.</summary>
public sealed record FitOptions
{
    /// <summary>Where the loss of a residual turns from square to linear: 1e-3 for dense runs, 1e-4 for compressed ones.</summary>
    public double HuberDelta { get; init; } = 1e-3;

    /// <summary>Seed of the starts and of the bootstrap. The same seed gives the same result for any number of threads.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Points looked at before the descents.</summary>
    public int Candidates { get; init; } = 2000;

    /// <summary>Descents, each from one of the best candidates.</summary>
    public int Descents { get; init; } = 24;

    /// <summary>Bootstrap resamples; 0 for none, and then no intervals.</summary>
    public int Bootstrap { get; init; } = 1000;

    /// <summary>
    /// What runs have in common that a resample must have too, their representations for instance: each run is replaced by one of its
    /// own kind. Null if all runs are alike. For a grid that was designed, resamples without a kind of run tell of no grid there could be.
    /// </summary>
    public Func<TrainingRun, object>? Stratum { get; init; }

    /// <summary>Probability that an interval holds the truth.</summary>
    public double Level { get; init; } = 0.9;

    /// <summary>Parameters held at a value.</summary>
    public IReadOnlyDictionary<string, double> Fixed { get; init; } = new Dictionary<string, double>();

    /// <summary>Parameters to fit although the law holds them by default.</summary>
    public IReadOnlySet<string> Free { get; init; } = new HashSet<string>();

    /// <summary>Parameters made equal to another: name and the other's name.</summary>
    public IReadOnlyDictionary<string, string> Tied { get; init; } = new Dictionary<string, string>();

    /// <summary>Bounds that replace those of the law.</summary>
    public IReadOnlyDictionary<string, (double Lower, double Upper)> Bounds { get; init; } = new Dictionary<string, (double, double)>();

    /// <summary>Priors; they add <c>noise²·½·((θ − mean)/sd)²</c> to the objective.</summary>
    public IReadOnlyList<ParameterPrior> Priors { get; init; } = [];

    /// <summary>Standard deviation of a residual that priors are weighed against.</summary>
    public double PriorNoise { get; init; } = 0.005;

    /// <summary>Weight of a run in the objective; 1 if null.</summary>
    public Func<TrainingRun, double>? Weight { get; init; }

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Hears of progress, from any thread.</summary>
    public IProgress<FitProgress>? Progress { get; init; }

    /// <summary>Cancels between descents and between resamples.</summary>
    public CancellationToken Cancellation { get; init; }
}
