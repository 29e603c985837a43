namespace KernelGen.Gpu;

/// <summary>Something that a device or a format cannot do; the message says what and what to do instead.</summary>
/// <param name="message">The message.</param>
/// <param name="inner">What caused it.</param>
public sealed class GpuException(string message, Exception? inner = null) : Exception(message, inner);
