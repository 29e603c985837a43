namespace KernelGen.Models;

/// <summary>How ggml stores values: the type number of a GGUF tensor and the size of one block.</summary>
/// <param name="Id">The number in the file.</param>
/// <param name="Name">ggml's name of the type: <c>q4_K</c>.</param>
/// <param name="Block">Values in a block; 0 if the type is not known here, and its tensors can be passed on only.</param>
/// <param name="BlockBytes">Bytes of a block; 0 if the type is not known here.</param>
public sealed record GgmlType(uint Id, string Name, int Block, int BlockBytes)
{
    /// <summary>Whether the size of a block is known.</summary>
    public bool IsKnown => Block > 0;

    /// <summary>Bits per value, scales included; NaN if the type is not known.</summary>
    public double BitsPerWeight => IsKnown ? 8.0 * BlockBytes / Block : double.NaN;

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
