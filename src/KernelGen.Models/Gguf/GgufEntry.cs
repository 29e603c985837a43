namespace KernelGen.Models;

/// <summary>A tensor to be written to a GGUF file.</summary>
/// <param name="Name">Name, at most 63 bytes: ggml's own reader keeps one for the end.</param>
/// <param name="Type">How its values are stored.</param>
/// <param name="Shape">Lengths of the dimensions, slowest first, at most four.</param>
/// <param name="Write">Writes exactly <see cref="Bytes"/>, when its turn comes.</param>
/// <param name="RawBytes">Bytes of a tensor whose type is not known; null for all others.</param>
public sealed record GgufEntry(string Name, GgmlType Type, IReadOnlyList<long> Shape, Action<Stream> Write, long? RawBytes = null)
{
    /// <summary>Bytes that type and shape take.</summary>
    /// <exception cref="ArgumentException">Rows are no whole number of blocks, or the type is not known and no bytes are given.</exception>
    public long Bytes
    {
        get
        {
            if (!Type.IsKnown)
            {
                return RawBytes ?? throw new ArgumentException($"'{Name}': the size of {Type} is not known here; its bytes must be given.");
            }
            long row = Shape.Count == 0 ? 1 : Shape[^1];
            if (row % Type.Block != 0)
            {
                throw new ArgumentException($"'{Name}': its rows have {row} values; {Type} stores whole blocks of {Type.Block}.");
            }
            return checked(Shape.Aggregate(1L, (product, length) => checked(product * length)) / Type.Block * Type.BlockBytes);
        }
    }
}
