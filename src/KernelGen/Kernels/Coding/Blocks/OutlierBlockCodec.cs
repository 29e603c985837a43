using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>A block of the rest, which another format codes with zeros in the outliers' places, and the outliers behind it.</summary>
/// <typeparam name="TInliers">The format of the rest.</typeparam>
internal sealed class OutlierBlockCodec<TInliers>(string name, int count, ScaleType type)
    : BlockCodec(
        name,
        TInliers.Info.Block,
        TInliers.Info.BlockBytes + count * (OutlierCodec.PlaceBytes(TInliers.Info.Block) + ScaleCodec.Bytes(type))
    )
    where TInliers : struct, ICompressedFormat<TInliers>
{
    private readonly int _codeBytes = TInliers.Info.BlockBytes;

    public override void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block)
    {
        Span<float> rest = stackalloc float[Block];
        Extract(values, row, column, block, rest);
        TInliers.PackRows(rest, 1, values.Length, 1f, importance.IsEmpty ? default : importance[..values.Length], block);
    }

    public override void Decode(ReadOnlySpan<byte> block, Span<float> values)
    {
        TInliers.UnpackSegment(block, 0, 1f, values[..Block]);
        OutlierCodec.Insert(block[_codeBytes..], count, type, values[..Block]);
    }

    public override void ReferenceEncode(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
    {
        Span<float> rest = stackalloc float[Block];
        Extract(values, row, column, block, rest);
        TInliers.ReferencePackRow(rest[..values.Length], 1f, block);
    }

    public override void ReferenceDecode(ReadOnlySpan<byte> block, Span<float> values)
    {
        TInliers.ReferenceUnpackRow(block, 1f, values[..Block]);
        OutlierCodec.Insert(block[_codeBytes..], count, type, values[..Block]);
    }

    /// <summary>Rows repacked in memory are those of the rest; outliers are what they lack.</summary>
    public override void ReadGroup(ReadOnlySpan<byte> packedRow, int group, Span<byte> codes, out float scale, out float offset)
    {
        int groups = Math.Max(1, Block / Math.Max(1, codes.Length));
        TInliers.ReadGroup(packedRow.Slice(group / groups * BlockBytes, BlockBytes), group % groups, 1f, codes, out scale, out offset);
    }

    /// <summary>Stores the outliers and leaves the rest, zeros in their places.</summary>
    private void Extract(ReadOnlySpan<float> values, int row, int column, Span<byte> block, Span<float> rest)
    {
        if (GroupMath.MagnitudeBits(values) >= GroupMath.NonFinite)
        {
            MatrixDriver.ThrowNonFinite(Name, values, row, column);
        }
        rest.Clear();
        values.CopyTo(rest);
        OutlierCodec.Extract(rest, count, type, block[_codeBytes..]);
    }
}
