using KernelGen.Reports;

namespace KernelGen.Bench;

/// <summary>Where measurements report to.</summary>
/// <param name="Progress">Shows how far the work is.</param>
/// <param name="Note">Takes what is no result.</param>
/// <param name="Cancellation">Looked at between repetitions.</param>
internal sealed record MeasuringHost(IProgressDisplay Progress, Action<string> Note, CancellationToken Cancellation);
