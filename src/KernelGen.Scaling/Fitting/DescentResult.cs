namespace KernelGen.Scaling;

/// <summary>Where a descent ended.</summary>
/// <param name="Theta">The point of the search.</param>
/// <param name="Value">The objective there.</param>
/// <param name="Converged">True if no direction lowers it.</param>
internal sealed record DescentResult(double[] Theta, double Value, bool Converged);
