namespace KernelGen.Kernels.Threads;

/// <summary>Work on units 0, 1, … that is done in stretches of neighbours, in any order and by any thread.</summary>
internal abstract class StretchWork
{
    /// <summary>Does some units.</summary>
    /// <param name="first">The first one.</param>
    /// <param name="count">How many, at least 1.</param>
    public abstract void Run(int first, int count);
}
