using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>A block of indices into a codebook.</summary>
internal sealed class VectorCodec(string name, int block, ScaledBlock parts, Codebook book, bool searches)
    : SearchedCodec(name, block, IndexPlane.Bytes(block / book.Dimension, book.IndexBits), parts, 1.0, searches)
{
    private readonly int _dimension = book.Dimension,
        _bits = book.IndexBits,
        _vectors = block / book.Dimension;

    private readonly float[] _entries = book.Entries;

    /// <summary>The entries in order for searching; made when the first block is packed.</summary>
    private readonly Lazy<VectorGrid> _grid = new(() => new VectorGrid(book.Dimension, book.Entries));

    /// <summary>
    /// The nearest entry of every vector, with importance in the metric that it weighs; the reference compares all entries one by one.
    /// </summary>
    protected override void EncodeCodes(ReadOnlySpan<float> units, ReadOnlySpan<float> importance, Span<byte> block, bool reference)
    {
        VectorGrid grid = _grid.Value;
        Span<ushort> indices = stackalloc ushort[_vectors];
        if (reference)
        {
            for (int i = 0; i < _vectors; i++)
            {
                indices[i] = (ushort)grid.NearestReference(units.Slice(i * _dimension, _dimension), out _);
            }
        }
        else
        {
            grid.Encode(units, importance, indices);
        }
        IndexPlane.Write(indices, _bits, block[Parts.CodesOffset..]);
    }

    /// <summary>Every number of an entry times the scale.</summary>
    protected override void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
    {
        ReadOnlySpan<byte> plane = block[Parts.CodesOffset..];
        if (reference)
        {
            for (int i = 0; i < Block; i++)
            {
                values[i] = _entries[IndexPlane.Get(plane, i / _dimension, _bits) * _dimension + i % _dimension] * scale;
            }
            return;
        }
        Span<ushort> indices = stackalloc ushort[_vectors];
        IndexPlane.Read(plane, _bits, indices);
        VectorGridDecoder.Decode(_dimension, _entries, indices, scale, values);
    }

    internal override ProductMatrix? Repack(FormatInfo info, ReadOnlySpan<byte> packed, int rows, int columns) =>
        RepackedMatrix.OfCodebook(info, packed, rows, columns, book, Parts);
}
