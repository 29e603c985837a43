using System.Runtime.InteropServices;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>A block of E8P codes, 16 bits for eight elements. Importance chooses among scales only.</summary>
internal sealed class LatticeCodec(string name, int block, ScaledBlock parts, bool searches)
    : SearchedCodec(name, block, block / E8P.Dimension * sizeof(ushort), parts, E8P.UnitScale, searches)
{
    private readonly int _codeBytes = block / E8P.Dimension * sizeof(ushort);

    /// <summary>Coordinates as odd numbers of quarters from −15 up.</summary>
    public override void ReadGroup(ReadOnlySpan<byte> packedRow, int group, Span<byte> codes, out float scale, out float offset)
    {
        ReadOnlySpan<byte> block = packedRow.Slice(group * BlockBytes, BlockBytes);
        Span<float> points = stackalloc float[Block];
        DecodeCodes(block, 1f, points, reference: false);
        GroupMath.ToCodes(points, 2f, 7.5f, codes);
        (scale, offset) = (ReadScale(block), 0f);
    }

    protected override void EncodeCodes(ReadOnlySpan<float> units, ReadOnlySpan<float> importance, Span<byte> block, bool reference)
    {
        Span<ushort> codes = MemoryMarshal.Cast<byte, ushort>(block.Slice(Parts.CodesOffset, _codeBytes));
        if (reference)
        {
            E8P.EncodeReference(units, codes);
        }
        else
        {
            E8P.Encode(units, codes);
        }
    }

    protected override void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
    {
        ReadOnlySpan<ushort> codes = MemoryMarshal.Cast<byte, ushort>(block.Slice(Parts.CodesOffset, _codeBytes));
        if (reference)
        {
            E8P.DecodeReference(codes, scale, values);
        }
        else
        {
            E8P.Decode(codes, scale, values);
        }
    }
}
