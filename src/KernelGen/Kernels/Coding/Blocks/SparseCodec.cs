using System.Runtime.CompilerServices;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>A block of kept weights, which another format codes as if they were a row, and the mask behind it.</summary>
/// <typeparam name="TKept">The format of the kept weights.</typeparam>
internal sealed class SparseCodec<TKept> : BlockCodec
    where TKept : struct, ICompressedFormat<TKept>
{
    private readonly SparseBlock _mask;
    private readonly int _codeBytes,
        _room,
        _zeroCode;

    public SparseCodec(string name, SparseBlock mask, int zeroCode)
        : base(name, mask.Size, (int)TKept.Info.RowBytes(mask.Kept) + mask.MaskBytes)
    {
        (_mask, _codeBytes, _zeroCode) = (mask, (int)TKept.Info.RowBytes(mask.Kept), zeroCode);
        // a damaged bitmap may mark every place; patterns always mark as many as there are
        _room = (mask is BitmapBlock ? mask.Size : mask.Kept) + SparseExpansion.Slack;
    }

    public override void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block)
    {
        Span<float> kept = stackalloc float[_mask.Kept],
            weights = stackalloc float[importance.IsEmpty ? 0 : _mask.Kept];
        int count = Compress(values, row, column, block, kept);
        if (!importance.IsEmpty)
        {
            _mask.Gather(importance, block[_codeBytes..], weights);
            weights = weights[..count];
        }
        TKept.PackRows(kept, 1, count, 1f, weights, block);
    }

    [SkipLocalsInit] // kept values are written before they are read, and what lies behind them is not used
    public override void Decode(ReadOnlySpan<byte> block, Span<float> values)
    {
        Span<float> kept = stackalloc float[_room];
        TKept.UnpackSegment(block, 0, 1f, kept[.._mask.Kept]);
        _mask.Expand(kept, block[_codeBytes..], values);
    }

    public override void ReferenceEncode(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
    {
        Span<float> kept = stackalloc float[_mask.Kept];
        int count = Compress(values, row, column, block, kept);
        TKept.ReferencePackRow(kept[..count], 1f, block);
    }

    public override void ReferenceDecode(ReadOnlySpan<byte> block, Span<float> values)
    {
        Span<float> kept = stackalloc float[_mask.Kept];
        TKept.ReferenceUnpackRow(block, 1f, kept);
        _mask.ReferenceExpand(kept, block[_codeBytes..], values);
    }

    /// <summary>Kept codes go to their places counted from the code of zero, which is what the places between them have.</summary>
    public override void ReadGroup(ReadOnlySpan<byte> packedRow, int group, Span<byte> codes, out float scale, out float offset)
    {
        ReadOnlySpan<byte> block = packedRow.Slice(group * BlockBytes, BlockBytes);
        TKept.ReadGroup(block, 0, 1f, codes[.._mask.Kept], out scale, out offset);
        Span<float> kept = stackalloc float[_room],
            places = stackalloc float[Block];
        for (int i = 0; i < _mask.Kept; i++)
        {
            kept[i] = codes[i] - _zeroCode;
        }
        _mask.Expand(kept, block[_codeBytes..], places);
        GroupMath.ToCodes(places, 1f, _zeroCode, codes);
    }

    /// <summary>Stores the mask and collects the kept weights; only so many are there at the end of a row.</summary>
    private int Compress(ReadOnlySpan<float> values, int row, int column, Span<byte> block, Span<float> kept)
    {
        if (GroupMath.MagnitudeBits(values) >= GroupMath.NonFinite)
        {
            MatrixDriver.ThrowNonFinite(Name, values, row, column);
        }
        block.Clear();
        return _mask.Compress(values, block[_codeBytes..], kept);
    }
}
