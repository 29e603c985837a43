namespace KernelGen.Kernels.Threads;

/// <summary>How many units a thread takes at a time.</summary>
/// <param name="Smallest">So many are worth taking; a thread takes fewer only where no more are left.</param>
/// <param name="Largest">Not more, where somebody waits to hear of them or to cancel; at least <paramref name="Smallest"/>.</param>
internal readonly record struct Grain(int Smallest, int Largest = int.MaxValue);
