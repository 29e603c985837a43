namespace KernelGen.Scaling;

/// <summary>How far a fit has come.</summary>
/// <param name="Stage">What is being done: <c>starts</c>, <c>bootstrap</c>, …</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all.</param>
public readonly record struct FitProgress(string Stage, int Done, int Total);
