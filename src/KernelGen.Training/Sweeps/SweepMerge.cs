namespace KernelGen.Training;

/// <summary>Joins the databases of one sweep that ran on several machines.</summary>
public static class SweepMerge
{
    /// <summary>Copies the runs of a database into another.</summary>
    /// <param name="target">Receives them.</param>
    /// <param name="source">Gives them.</param>
    /// <returns>What came over, and the runs both have finished with different outcomes; those keep the target's.</returns>
    /// <remarks>A finished run wins over a failed, a failed over one that waits. Claims are not copied: their owners do not know the target.</remarks>
    public static MergeOutcome Into(SweepStore target, SweepStore source)
    {
        Dictionary<string, StoredRun> held = target.Runs().ToDictionary(run => run.Run.Key);
        int same = 0;
        List<StoredRun> added = [];
        List<MergeConflict> conflicts = [];
        foreach (StoredRun stored in source.Runs())
        {
            StoredRun run = stored.State == RunState.Claimed ? stored with { State = RunState.Waiting } : stored;
            if (!held.TryGetValue(run.Run.Key, out StoredRun? own) || Rank(run.State) > Rank(own.State))
            {
                added.Add(run);
            }
            else if (run.State != RunState.Done || run.Outcome == own.Outcome)
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

    private static int Rank(RunState state) => state switch { RunState.Done => 2, RunState.Failed => 1, _ => 0 };
}
