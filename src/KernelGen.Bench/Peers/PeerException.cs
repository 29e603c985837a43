namespace KernelGen.Bench;

/// <summary>A library that was named as a peer cannot be used; the message names its file and the reason.</summary>
internal sealed class PeerException(string message) : Exception(message);
