namespace KernelGen.Training;

/// <summary>How far a sweep is.</summary>
/// <param name="Done">Runs whose outcome is stored, by whichever process and whenever.</param>
/// <param name="Failed">Runs that failed.</param>
/// <param name="Total">All runs.</param>
/// <param name="WorkDone">Share of the expected time of all runs that is behind, 0 to 1; runs in progress count by their share.</param>
/// <param name="SecondsLeft">Expected time until the last run ends, at the pace of this process; null before anything was measured.</param>
/// <param name="Latest">The run that ended last in this process; null if it is only time that has passed.</param>
public sealed record SweepProgress(int Done, int Failed, int Total, double WorkDone, double? SecondsLeft, StoredRun? Latest);
