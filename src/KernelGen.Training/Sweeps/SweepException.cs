namespace KernelGen.Training;

/// <summary>A sweep or its database cannot be used; the message says which, what is wrong, and what would be right.</summary>
/// <param name="message">The message.</param>
/// <param name="inner">What led to it, or null.</param>
public sealed class SweepException(string message, Exception? inner = null) : Exception(message, inner);
