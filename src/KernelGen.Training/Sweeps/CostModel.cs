namespace KernelGen.Training;

/// <summary>
/// What runs are going to take: <c>seconds = level(kind)·work^γ</c>, learned from runs that are done. Small models spend much of their
/// time on other things than products, so the time grows more slowly than the work.
/// </summary>
public sealed class CostModel
{
    /// <summary>γ before sizes were measured: models of 12k to 100k parameters took time by work^0.67 to work^0.72.</summary>
    private const double UsualExponent = 0.7;

    /// <summary>
    /// Weight of <see cref="UsualExponent"/> against what is measured, as a sum of squares of ln work: one size against another three times
    /// as costly.
    /// </summary>
    private const double UsualWeight = 0.6;

    private readonly Dictionary<string, List<(double LogWork, double LogSeconds)>> _kinds = [];

    /// <summary>A model of what has been measured.</summary>
    /// <param name="done">Runs that are done.</param>
    public CostModel(IEnumerable<StoredRun> done)
    {
        foreach (StoredRun run in done.Where(run => run.State == RunState.Done && run.Seconds > 0 && run.Run.Work > 0))
        {
            if (!_kinds.TryGetValue(run.Run.Kind, out var points))
            {
                _kinds[run.Run.Kind] = points = [];
            }
            points.Add((Math.Log(run.Run.Work), Math.Log(run.Seconds)));
        }
        double xx = UsualWeight,
            xy = UsualWeight * UsualExponent;
        foreach (var points in _kinds.Values)
        {
            double x = points.Average(point => point.LogWork),
                y = points.Average(point => point.LogSeconds);
            xx += points.Sum(point => (point.LogWork - x) * (point.LogWork - x));
            xy += points.Sum(point => (point.LogWork - x) * (point.LogSeconds - y));
        }
        Exponent = xy / xx;
    }

    /// <summary>
    /// What a run takes of one thread before anything is measured: seconds for a token, and for a token and weight, of dense runs of 12k
    /// to 100k parameters in docs/laboratory.md; tokens that are compressed take some 2.5 times as long.
    /// </summary>
    /// <param name="run">The run.</param>
    public static double Usual(SweepRun run)
    {
        const double Token = 1.8e-6,
            TokenAndWeight = 5.3e-11,
            Compressed = 2.5;
        TrainingSpec spec = TrainingJson.ReadSpec(run.Spec);
        return (Token * spec.Tokens + TokenAndWeight * run.Work) * (spec.Activations == "dense" ? 1 : Compressed);
    }

    /// <summary>γ.</summary>
    public double Exponent { get; }

    /// <summary>
    /// True before the first run was measured: then only shares of the whole are known, and <see cref="Seconds"/> has no unit.
    /// </summary>
    public bool IsBlank => _kinds.Count == 0;

    /// <summary>What a run takes, in seconds of the threads it runs on.</summary>
    /// <param name="run">The run; one of a kind that was never measured takes what the others do.</param>
    public double Seconds(SweepRun run)
    {
        IEnumerable<(double LogWork, double LogSeconds)> points = _kinds.TryGetValue(run.Kind, out var own)
            ? own
            : _kinds.Values.SelectMany(points => points);
        double level = IsBlank ? 0 : points.Average(point => point.LogSeconds - Exponent * point.LogWork);
        return Math.Exp(level) * Math.Pow(run.Work, Exponent);
    }
}
