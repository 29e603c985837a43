namespace KernelGen.Scaling;

/// <summary>
/// Capacities next to dense runs of the same sizes. A law says by how much loss falls with parameters; how far a run lies above dense
/// runs of its own size then says which share of its parameters it is worth. What the law misses at a size it misses for both, and
/// every size counts alike however many seeds it has. The errors are those of the scatter between seeds: they tell representations from
/// each other, and say nothing of the slope of the law, which scales all ln ρ together.
/// </summary>
public sealed class RelativeCapacities
{
    private readonly SchemeCapacities _law;
    private readonly ILookup<(double Params, double Tokens), TrainingRun> _dense;

    /// <summary>Capacities next to the dense runs among some runs.</summary>
    /// <param name="law">The law.</param>
    /// <param name="runs">All runs; the scatter between seeds is pooled over them.</param>
    public RelativeCapacities(SchemeCapacities law, IReadOnlyList<TrainingRun> runs)
    {
        _law = law;
        _dense = runs.Where(run => run.Input.Weights.IsDense && run.Input.Activations.IsDense).ToLookup(Size);
        Scatter = ReplicateNoise.Of(runs).Deviation;
    }

    /// <summary>Standard deviation of one run's ln loss between seeds.</summary>
    public double Scatter { get; }

    /// <summary>The capacity that some runs of one kind speak for; null if there is no dense run of any of their sizes.</summary>
    /// <param name="runs">The runs.</param>
    public CapacityEstimate? Of(IEnumerable<TrainingRun> runs)
    {
        var sizes = runs.GroupBy(Size)
            .Select(size => (Own: Mean([.. size]), Dense: Mean([.. _dense[size.Key]])))
            .Where(size => size.Own.Runs > 0 && size.Dense.Runs > 0)
            .ToArray();
        return sizes.Length == 0
            ? null
            : new(
                Math.Exp(sizes.Average(size => size.Own.Log - size.Dense.Log)),
                Math.Sqrt(sizes.Sum(size => size.Own.Variance)) / sizes.Length,
                Math.Sqrt(sizes.Sum(size => size.Dense.Variance)) / sizes.Length,
                sizes.Sum(size => size.Own.Runs)
            );
    }

    internal static (double Params, double Tokens) Size(TrainingRun run) => (run.Input.Params, run.Input.Tokens);

    /// <summary>Mean ln ρ of runs of one size, and its variance.</summary>
    private (double Log, double Variance, int Runs) Mean(TrainingRun[] runs)
    {
        double[] logs = [.. runs.Select(run => _law.Capacity(run)).OfType<double>().Select(rho => Math.Log(rho))];
        return logs.Length == 0
            ? default
            : (logs.Average(), Math.Pow(Scatter * runs.Average(_law.LogCapacityByLogLoss), 2) / logs.Length, logs.Length);
    }
}
