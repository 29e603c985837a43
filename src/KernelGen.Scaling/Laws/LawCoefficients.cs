namespace KernelGen.Scaling;

/// <summary>A published set of coefficients of a law.</summary>
/// <param name="Name">Short name, for example <c>hoffmann-tex</c>.</param>
/// <param name="Mark">How well the numbers are known; only <see cref="SourceMark.Seen"/> and <see cref="SourceMark.Computed"/> may be defaults.</param>
/// <param name="Source">Where they come from.</param>
/// <param name="Values">Values in the order of the law's parameters.</param>
public sealed record LawCoefficients(string Name, SourceMark Mark, string Source, params IReadOnlyList<double> Values);
