namespace KernelGen;

/// <summary>Work on units 0, 1, … that is done in stretches of neighbours, in any order and by any thread.</summary>
internal abstract class StretchWork
{
    /// <summary>Does some units.</summary>
    /// <param name="first">The first one.</param>
    /// <param name="count">How many, at least 1.</param>
    public abstract void Run(int first, int count);
}

/// <summary>How many units a thread takes at a time.</summary>
/// <param name="Smallest">So many are worth taking; a thread takes fewer only where no more are left.</param>
/// <param name="Largest">Not more, where somebody waits to hear of them or to cancel; at least <paramref name="Smallest"/>.</param>
internal readonly record struct Grain(int Smallest, int Largest = int.MaxValue);
