namespace KernelGen.Cli;

/// <summary>The command line was wrong in a way that shows only when it is looked at closely.</summary>
internal sealed class UsageException(string message) : Exception(message);
