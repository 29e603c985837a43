namespace KernelGen.Training;

/// <summary>
/// What runs are going to take: work (parameters times tokens) times the seconds per work of runs of the same kind that are done, or of
/// all of them where that kind was never run.
/// </summary>
public sealed class CostModel
{
    private readonly Dictionary<string, (double Seconds, double Work)> _kinds = [];
    private double _seconds, _work;

    /// <summary>True before the first run was measured: then only shares of the whole are known, and <see cref="Seconds"/> gives work.</summary>
    public bool IsBlank => _work <= 0;

    /// <summary>Learns from a run that is done.</summary>
    /// <param name="run">The run.</param>
    /// <param name="seconds">What it took.</param>
    public void Learn(SweepRun run, double seconds)
    {
        (double s, double w) = _kinds.GetValueOrDefault(run.Kind);
        _kinds[run.Kind] = (s + seconds, w + run.Work);
        _seconds += seconds;
        _work += run.Work;
    }

    /// <summary>What a run takes, in seconds of the threads it runs on.</summary>
    /// <param name="run">The run.</param>
    public double Seconds(SweepRun run)
    {
        if (IsBlank)
        {
            return run.Work;
        }
        (double seconds, double work) = _kinds.TryGetValue(run.Kind, out (double, double) kind) ? kind : (_seconds, _work);
        return run.Work * seconds / work;
    }
}
