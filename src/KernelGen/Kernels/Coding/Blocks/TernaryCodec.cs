using System.ComponentModel;
using System.Runtime.CompilerServices;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>One plane of a ternary block.</summary>
/// <param name="First">Its first element.</param>
/// <param name="Count">Elements.</param>
/// <param name="Offset">First byte among the codes.</param>
/// <param name="Bytes">Bytes.</param>
/// <param name="Digits">Elements of a byte.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct TernaryPart(int First, int Count, int Offset, int Bytes, int Digits);

/// <summary>A block of elements −1, 0 and 1 in planes. Nothing of packing is done in lanes: the reference is the same.</summary>
internal sealed class TernaryCodec(
    string name,
    int block,
    ScaledBlock parts,
    TernaryCode code,
    ScaleRule rule,
    bool unrounded,
    TernaryPart[] planes
) : ScaledCodec(name, block, planes.Sum(plane => plane.Bytes), parts)
{
    /// <summary>The scale of least error for three levels, in units of a Gaussian's standard deviation (Max 1960).</summary>
    private const float GaussianUnit = 1.2240064f;

    private readonly int _codesOffset = parts.CodesOffset,
        _codeBytes = planes.Sum(plane => plane.Bytes);

    public override void ReadGroup(ReadOnlySpan<byte> packedRow, int group, Span<byte> codes, out float scale, out float offset)
    {
        offset = 0f;
        ReadTernary(packedRow, group, codes, out scale);
    }

    /// <summary>Elements by the stored or the unrounded scale, halves away from zero.</summary>
    protected override void Encode(
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> importance,
        int row,
        int column,
        Span<byte> block,
        bool reference
    )
    {
        double best = rule switch
        {
            ScaleRule.AbsMax => BlockScale.AbsMax(Name, values, row, column),
            ScaleRule.MinimiseError => BlockScale.BestTernary(Name, values, row, column, importance),
            _ => BlockScale.RootMeanSquare(Name, values, row, column) * GaussianUnit,
        };
        float scale = unrounded ? (float)best : Stored(best);
        Span<sbyte> elements = stackalloc sbyte[Block];
        elements[values.Length..].Clear();
        TernaryPlane.Quantise(values, ScaleCodec.Reciprocal(scale), elements);
        foreach (TernaryPart plane in planes)
        {
            ReadOnlySpan<sbyte> part = elements.Slice(plane.First, plane.Count);
            Span<byte> bytes = block.Slice(Parts.CodesOffset + plane.Offset, plane.Bytes);
            switch (code)
            {
                case TernaryCode.Base3:
                    TernaryPlane.Pack(part, plane.Digits, bytes);
                    break;
                case TernaryCode.Pairs:
                    TernaryPairs.Pack(part, bytes);
                    break;
                default:
                    TernaryPairs.PackNeighbours(part, bytes);
                    break;
            }
        }
        WriteScale(scale, block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected override void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
    {
        block = block.Slice(_codesOffset, _codeBytes);
        if (code != TernaryCode.NeighbourPairs)
        {
            DecodePlanes(block, scale, values, reference);
        }
        else if (reference)
        {
            TernaryPairs.DecodeNeighboursReference(block, scale, values);
        }
        else
        {
            TernaryPairs.DecodeNeighbours(block, scale, values);
        }
    }

    private void DecodePlanes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
    {
        foreach (TernaryPart plane in planes)
        {
            ReadOnlySpan<byte> bytes = block.Slice(plane.Offset, plane.Bytes);
            Span<float> part = values.Slice(plane.First, plane.Count);
            switch (code == TernaryCode.Base3, reference)
            {
                case (true, true):
                    TernaryPlane.DecodeReference(bytes, plane.Digits, scale, part);
                    break;
                case (true, false):
                    TernaryPlane.Decode(bytes, plane.Digits, scale, part);
                    break;
                case (false, true):
                    TernaryPairs.DecodeReference(bytes, scale, part);
                    break;
                default:
                    TernaryPairs.Decode(bytes, scale, part);
                    break;
            }
        }
    }
}
