namespace KernelGen.Models;

/// <summary>Where everything of a file to be written lies, before its tensors are known.</summary>
/// <param name="Header">The first bytes.</param>
/// <param name="Tensors">Name, first byte in the file and number of bytes of each tensor, in the order of the file.</param>
/// <param name="Length">Bytes of the whole file; those between tensors are zero.</param>
internal sealed record FileLayout(byte[] Header, IReadOnlyList<TensorPlace> Tensors, long Length);

/// <summary>Where a tensor lies.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Bytes">Its number of bytes.</param>
internal sealed record TensorPlace(string Name, long Offset, long Bytes);
