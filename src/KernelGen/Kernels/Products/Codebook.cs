using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Products;

/// <summary>A codebook of vectors as it is repacked.</summary>
/// <param name="Dimension">Numbers of an entry.</param>
/// <param name="Entries">The entries one after the other, a power of two of them.</param>
internal sealed record Codebook(int Dimension, float[] Entries)
{
    /// <summary>Number of entries.</summary>
    public int Count => Entries.Length / Dimension;

    /// <summary>Bits of an index.</summary>
    public int IndexBits => int.Log2(Count);
}

/// <summary>Packed rows of codebook indices.</summary>
/// <param name="packed">The rows, without a header.</param>
/// <param name="rows">Number of rows.</param>
/// <param name="columns">Columns.</param>
/// <param name="group">Columns of a block.</param>
/// <param name="rowBytes">Bytes of a row.</param>
/// <param name="indexBits">Bits of an index.</param>
/// <param name="block">Where the parts of a block lie.</param>
internal readonly ref struct CodebookRows(
    ReadOnlySpan<byte> packed,
    int rows,
    int columns,
    int group,
    int rowBytes,
    int indexBits,
    ScaledBlock block
)
{
    private readonly ReadOnlySpan<byte> _packed = packed;
    private readonly int _blockBytes = rowBytes / ((columns + group - 1) / group);

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    public int Group { get; } = group;

    /// <summary>Reads a block.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="index">Its place in the row.</param>
    /// <param name="indices">Receives its indices.</param>
    /// <returns>Its scale.</returns>
    public float Read(int row, int index, Span<ushort> indices)
    {
        ReadOnlySpan<byte> source = _packed.Slice(row * rowBytes + index * _blockBytes, _blockBytes);
        IndexPlane.Read(source[block.CodesOffset..], indexBits, indices);
        return ScaleCodec.Read(block.Scale, source[block.ScaleOffset..]);
    }
}
