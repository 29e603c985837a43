using System.Collections.Concurrent;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Design;

/// <summary>A candidate with its bits and its error.</summary>
internal sealed record Judged(Candidate Candidate, double Bits, double Error);

/// <summary>
/// Successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943): all candidates are judged by few values, those near the front of
/// their kind by more. Candidates of a rung see the same values, so that chance moves their errors together.
/// </summary>
/// <param name="sample">The values.</param>
/// <param name="judged">Judgements that are known.</param>
/// <param name="threads">Threads.</param>
/// <param name="progress">Where to report to.</param>
/// <param name="cancellation">Looked at between judgements.</param>
internal sealed class DesignSearch(
    DesignSample sample,
    JudgedFile judged,
    int threads,
    IProgressDisplay progress,
    CancellationToken cancellation
)
{
    /// <summary>Values of a rung, and how far above the front an error may lie to be judged by the next.</summary>
    private static readonly (int Values, double Margin)[] Rungs = [(1 << 12, 0.15), (1 << 15, 0.02), (DesignSample.Most, 0)];

    /// <summary>What an entry of the front must gain over the one before it; the last of them is there in any case.</summary>
    private const double LeastGain = 0.01;

    /// <summary>The front of each kind, fewest bits first, without entries that gain next to nothing.</summary>
    public IReadOnlyList<Judged> Fronts(IEnumerable<Candidate> candidates)
    {
        List<Judged> left = [.. candidates.Select(one => new Judged(one, sample.Bits(one.Info), double.PositiveInfinity))];
        foreach ((int values, double margin) in Rungs)
        {
            left = Judge(left, Math.Min(values, sample.Count));
            left = [.. left.GroupBy(one => one.Candidate.Kind).OrderBy(kind => kind.Key).SelectMany(kind => Near([.. kind], margin))];
        }
        return left;
    }

    /// <summary>The candidate of least error of each kind.</summary>
    public IReadOnlyList<Judged> Best(IEnumerable<Candidate> candidates) =>
        [.. Fronts(candidates).GroupBy(one => one.Candidate.Kind).Select(kind => kind.MinBy(one => one.Error)!)];

    private List<Judged> Judge(List<Judged> candidates, int values)
    {
        double[] errors = new double[candidates.Count];
        // the slowest first, so that no thread is left with them in the end
        int[] order = [.. Enumerable.Range(0, candidates.Count).OrderByDescending(i => candidates[i].Candidate.Info.CandidatesPerWeight)];
        int done = 0;
        try
        {
            progress.Run($"design, by {values} values", candidates.Count, report =>
                Parallel.ForEach(
                    Partitioner.Create(order, EnumerablePartitionerOptions.NoBuffering),
                    new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
                    i =>
                    {
                        Candidate one = candidates[i].Candidate;
                        errors[i] = judged.Error(one.Name, values, () => sample.Error(one, values));
                        report(Interlocked.Increment(ref done), one.Name);
                    }
                )
            );
        }
        finally
        {
            judged.Save();
        }
        return [.. candidates.Select((one, i) => one with { Error = errors[i] })];
    }

    /// <summary>Those at most so much worse than the best of as many bits; the front itself without a margin.</summary>
    private static IEnumerable<Judged> Near(IReadOnlyList<Judged> kind, double margin)
    {
        IReadOnlyList<Judged> front = ParetoFront.Of(kind, one => one.Bits, one => one.Error);
        return margin == 0
            ? Thinned(front)
            : kind.Where(one => one.Error <= (1 + margin) * front.Last(best => best.Bits <= one.Bits).Error)
                .OrderBy(one => one.Bits)
                .ThenBy(one => one.Error);
    }

    private static IEnumerable<Judged> Thinned(IReadOnlyList<Judged> front)
    {
        double last = double.PositiveInfinity;
        foreach (Judged one in front)
        {
            if (one.Error <= (1 - LeastGain) * last || one == front[^1])
            {
                last = one.Error;
                yield return one;
            }
        }
    }
}
