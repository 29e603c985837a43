using System.Runtime.InteropServices;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>A block of E8P codes, followed by codes of 8 or 16 bits for what they leave. Importance chooses among scales only.</summary>
internal sealed class LatticePairCodec(string name, int block, ScaledBlock parts, int bits, bool searches)
    : SearchedCodec(name, block, block * bits / 8, parts, E8PResidual.UnitScale(bits), searches)
{
    private readonly int _codes = block / E8P.Dimension,
        _secondBytes = bits - 2;

    /// <summary>Coordinates as odd numbers of quarters from −15 up; the groups of the second stage are those of odd numbers.</summary>
    public override void ReadGroup(ReadOnlySpan<byte> packedRow, int group, Span<byte> codes, out float scale, out float offset)
    {
        ReadOnlySpan<byte> block = packedRow.Slice(group / 2 * BlockBytes, BlockBytes);
        Span<float> points = stackalloc float[Block];
        (scale, offset) = (ReadScale(block), 0f);
        float zero = 7.5f;
        if (group % 2 == 0)
        {
            E8P.Decode(First(block), 1f, points);
        }
        else
        {
            scale *= E8PResidual.Ratio(bits);
            Span<ushort> second = stackalloc ushort[_codes];
            ReadSecond(block, second);
            if (_secondBytes == 1)
            {
                // the small stage's halves are such numbers less a quarter
                VectorGridDecoder.Decode(E8P.Dimension, E8PResidual.SmallEntries, second, 1f, points);
                (offset, zero) = (-0.25f * scale, 8f);
            }
            else
            {
                E8P.Decode(second, 1f, points);
            }
        }
        GroupMath.ToCodes(points, 2f, zero, codes);
    }

    protected override void EncodeCodes(ReadOnlySpan<float> units, ReadOnlySpan<float> importance, Span<byte> block, bool reference)
    {
        Span<ushort> first = MemoryMarshal.Cast<byte, ushort>(block.Slice(Parts.CodesOffset, _codes * sizeof(ushort))),
            second = stackalloc ushort[_codes];
        if (reference)
        {
            E8PResidual.EncodeReference(bits, units, first, second);
        }
        else
        {
            E8PResidual.Encode(bits, units, first, second);
        }
        Span<byte> target = block.Slice(Parts.CodesOffset + _codes * sizeof(ushort), _codes * _secondBytes);
        if (_secondBytes == sizeof(ushort))
        {
            MemoryMarshal.AsBytes(second).CopyTo(target);
            return;
        }
        for (int i = 0; i < _codes; i++)
        {
            target[i] = (byte)second[i];
        }
    }

    protected override void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
    {
        Span<ushort> second = stackalloc ushort[_codes];
        ReadSecond(block, second);
        if (reference)
        {
            E8PResidual.DecodeReference(bits, First(block), second, scale, values);
        }
        else
        {
            E8PResidual.Decode(bits, First(block), second, scale, values);
        }
    }

    private ReadOnlySpan<ushort> First(ReadOnlySpan<byte> block) =>
        MemoryMarshal.Cast<byte, ushort>(block.Slice(Parts.CodesOffset, _codes * sizeof(ushort)));

    private void ReadSecond(ReadOnlySpan<byte> block, Span<ushort> codes)
    {
        ReadOnlySpan<byte> source = block.Slice(Parts.CodesOffset + _codes * sizeof(ushort), _codes * _secondBytes);
        if (_secondBytes == sizeof(ushort))
        {
            source.CopyTo(MemoryMarshal.AsBytes(codes));
            return;
        }
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = source[i];
        }
    }
}
