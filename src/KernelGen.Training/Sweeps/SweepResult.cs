namespace KernelGen.Training;

/// <summary>How a sweep ended.</summary>
/// <param name="Done">Runs of the sweep whose outcome is stored.</param>
/// <param name="Failed">Those that failed, now or before.</param>
/// <param name="Elsewhere">Those that other processes were at when this one found nothing more to do.</param>
/// <param name="Waiting">Those that wait, because the time was over.</param>
/// <param name="Trained">How many this process has trained.</param>
public sealed record SweepResult(int Done, IReadOnlyList<StoredRun> Failed, int Elsewhere, int Waiting, int Trained);
