namespace KernelGen.Scaling;

/// <summary>What is believed of a parameter before the fit: a normal distribution, of its logarithm where it is searched in logarithms.</summary>
/// <param name="Parameter">Name of the parameter.</param>
/// <param name="Mean">Expected value (of the parameter itself, not of its logarithm).</param>
/// <param name="StandardDeviation">How sure one is, in the coordinate of the search.</param>
public sealed record ParameterPrior(string Parameter, double Mean, double StandardDeviation);
