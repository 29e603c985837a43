using System.Text.Json.Nodes;

namespace KernelGen.Training;

/// <summary>Joins the databases of one sweep that ran on several machines.</summary>
public static class SweepMerge
{
    private const string Curve = "curve";

    /// <summary>Copies the runs of a database into another.</summary>
    /// <param name="target">Receives them.</param>
    /// <param name="source">The runs of the other, or of a run table.</param>
    /// <returns>What came over, and the runs both have finished with different outcomes; those keep the target's.</returns>
    /// <remarks> A finished run wins over a failed, a failed over one that waits. Claims are not copied: their owners do not know the
    /// target.
    /// </remarks>
    public static MergeOutcome Into(SweepStore target, IEnumerable<StoredRun> source)
    {
        Dictionary<string, StoredRun> held = target.Runs().ToDictionary(run => run.Run.Key);
        int same = 0;
        List<StoredRun> added = [];
        List<MergeConflict> conflicts = [];
        foreach (StoredRun stored in source)
        {
            StoredRun run = stored.State == RunState.Claimed ? stored with { State = RunState.Waiting } : stored;
            if (!held.TryGetValue(run.Run.Key, out StoredRun? own) || Rank(run.State) > Rank(own.State))
            {
                added.Add(run);
            }
            else if (run.State != RunState.Done || Agree(run.Outcome, own.Outcome))
            {
                same++;
            }
            else
            {
                conflicts.Add(new(own, run));
            }
        }
        target.Put(added);
        return new(added.Count, same, conflicts);
    }

    /// <summary>The same outcome. Run tables have no training curves, and one that is not known contradicts none.</summary>
    private static bool Agree(string one, string other) =>
        one == other
        || JsonNode.Parse(one) is JsonObject first
            && JsonNode.Parse(other) is JsonObject second
            && (HasNoCurve(first) || HasNoCurve(second))
            && first.Remove(Curve)
            && second.Remove(Curve)
            && JsonNode.DeepEquals(first, second);

    private static bool HasNoCurve(JsonObject outcome) => outcome[Curve] is JsonArray { Count: 0 };

    private static int Rank(RunState state) =>
        state switch
        {
            RunState.Done => 2,
            RunState.Failed => 1,
            _ => 0,
        };
}
