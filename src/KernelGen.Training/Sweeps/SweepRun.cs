namespace KernelGen.Training;

/// <summary>One run of a sweep as a database knows it.</summary>
/// <param name="Key">Digest of everything that decides the outcome: the same run has the same key in every sweep and database.</param>
/// <param name="Group">Name of the block of the sweep that asked for it first.</param>
/// <param name="Kind">What takes like time per unit of work: representations and method.</param>
/// <param name="Work">Parameters times tokens.</param>
/// <param name="Spec">The complete specification as JSON.</param>
public sealed record SweepRun(string Key, string Group, string Kind, double Work, string Spec);
