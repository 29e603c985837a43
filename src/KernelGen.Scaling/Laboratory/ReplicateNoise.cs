namespace KernelGen.Scaling;

/// <summary>How far losses of runs that differ in nothing but their seed lie apart.</summary>
/// <param name="Deviation">Standard deviation of one run's ln loss around the mean of its replicates, pooled over all groups; NaN without replicates.</param>
/// <param name="Groups">Groups of two runs or more.</param>
/// <param name="DegreesOfFreedom">Runs in them less one for each group.</param>
public sealed record ReplicateNoise(double Deviation, int Groups, int DegreesOfFreedom)
{
    /// <summary>Pools the groups of equal runs.</summary>
    /// <param name="runs">The runs.</param>
    public static ReplicateNoise Of(IEnumerable<TrainingRun> runs)
    {
        double squares = 0;
        int groups = 0,
            freedom = 0;
        foreach (IGrouping<string, TrainingRun> group in runs.GroupBy(run => Description(run.Input)).Where(group => group.Count() > 1))
        {
            double[] logs = [.. group.Select(run => Math.Log(run.Loss))];
            double mean = logs.Average();
            squares += logs.Sum(log => (log - mean) * (log - mean));
            groups++;
            freedom += logs.Length - 1;
        }
        return new(freedom > 0 ? Math.Sqrt(squares / freedom) : double.NaN, groups, freedom);
    }

    /// <summary>What replicates have in common: all but the seed.</summary>
    internal static string Description(LawInput input) =>
        FormattableString.Invariant($"{input.Params:R}/{input.Tokens:R}/{EffectiveMultiplierLaw.Scheme(input)}");
}
