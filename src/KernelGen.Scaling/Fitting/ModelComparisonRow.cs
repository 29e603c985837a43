namespace KernelGen.Scaling;

/// <summary>One law in a comparison.</summary>
/// <param name="Label">Name of the row.</param>
/// <param name="Fit">The fit to all runs.</param>
/// <param name="Extrapolation">The fit without the largest runs, and its errors there; null if too few are left.</param>
public sealed record ModelComparisonRow(string Label, FittedLaw Fit, LeaveLargestOut? Extrapolation);
