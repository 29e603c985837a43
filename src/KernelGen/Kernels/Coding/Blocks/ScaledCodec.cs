using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>A block that is one scale, and codes in units of it.</summary>
internal abstract class ScaledCodec(string name, int block, int codeBytes, ScaledBlock parts)
    : BlockCodec(name, block, codeBytes + ScaleCodec.Bytes(parts.Scale))
{
    private readonly ScaleType _scale = parts.Scale;

    private readonly int _scaleOffset = parts.ScaleOffset;

    protected ScaledBlock Parts { get; } = parts;

    public sealed override void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block) =>
        Encode(values, importance, row, column, block, reference: false);

    public sealed override void ReferenceEncode(ReadOnlySpan<float> values, int row, int column, Span<byte> block) =>
        Encode(values, default, row, column, block, reference: true);

    /// <summary>Inlined into the loop over blocks, where the codec is known: so are the codes of short blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public sealed override void Decode(ReadOnlySpan<byte> block, Span<float> values) =>
        DecodeCodes(block, ReadScale(block), values[..Block], reference: false);

    public sealed override void ReferenceDecode(ReadOnlySpan<byte> block, Span<float> values) =>
        DecodeCodes(block, ReadScale(block), values[..Block], reference: true);

    protected abstract void Encode(
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> importance,
        int row,
        int column,
        Span<byte> block,
        bool reference
    );

    protected abstract void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected float ReadScale(ReadOnlySpan<byte> block) =>
        _scale == ScaleType.Float16
            ? ScaleCodec.FromHalf(MemoryMarshal.Read<ushort>(block[_scaleOffset..]))
            : ScaleCodec.Read(_scale, block[_scaleOffset..]);

    /// <summary>The scale as it is stored.</summary>
    protected float Stored(double scale) => BlockScale.Stored(Parts.Scale, scale);

    protected void WriteScale(float scale, Span<byte> block) => ScaleCodec.Write(Parts.Scale, scale, block[Parts.ScaleOffset..]);

    /// <summary>Reads a block of levels −1, 0 and 1, which is a group.</summary>
    protected void ReadTernary(ReadOnlySpan<byte> packedRow, int group, Span<byte> codes, out float scale)
    {
        ReadOnlySpan<byte> block = packedRow.Slice(group * BlockBytes, BlockBytes);
        Span<float> levels = stackalloc float[Block];
        DecodeCodes(block, 1f, levels, reference: false);
        GroupMath.ToCodes(levels, 1f, 1f, codes);
        scale = ReadScale(block);
    }
}
