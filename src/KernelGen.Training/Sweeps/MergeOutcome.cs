namespace KernelGen.Training;

/// <summary>What joining one database brought.</summary>
/// <param name="Added">Runs that came over.</param>
/// <param name="Same">Runs that were there already, no less far.</param>
/// <param name="Conflicts">Runs that both had finished, differently.</param>
public sealed record MergeOutcome(int Added, int Same, IReadOnlyList<MergeConflict> Conflicts);

/// <summary>A run with two outcomes.</summary>
/// <param name="Kept">The one that stays.</param>
/// <param name="Other">The other one.</param>
public sealed record MergeConflict(StoredRun Kept, StoredRun Other);
