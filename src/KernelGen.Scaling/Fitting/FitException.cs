namespace KernelGen.Scaling;

/// <summary>A fit that cannot be made: too few runs, a constant column, a parameter that does not exist.</summary>
/// <param name="message">What is wrong, with the numbers.</param>
public sealed class FitException(string message) : Exception(message);
