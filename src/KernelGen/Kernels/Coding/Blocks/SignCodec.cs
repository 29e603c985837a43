using System.Runtime.CompilerServices;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>A block of signs.</summary>
internal sealed class SignCodec(string name, int block, ScaledBlock parts, bool searches) : ScaledCodec(name, block, block / 8, parts)
{
    /// <summary>√(2/π), the mean magnitude of a unit Gaussian.</summary>
    private const float GaussianUnit = 0.7978845608f;

    private readonly int _codeBytes = block / 8,
        _codesOffset = parts.CodesOffset;

    public override void ReadGroup(ReadOnlySpan<byte> packedRow, int group, Span<byte> codes, out float scale, out float offset)
    {
        offset = 0f;
        ReadTernary(packedRow, group, codes, out scale);
    }

    protected override void Encode(
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> importance,
        int row,
        int column,
        Span<byte> block,
        bool reference
    )
    {
        double best = searches
            ? BlockScale.MeanMagnitude(Name, values, row, column, importance)
            : BlockScale.RootMeanSquare(Name, values, row, column) * GaussianUnit;
        Span<byte> bytes = block.Slice(Parts.CodesOffset, _codeBytes);
        if (reference)
        {
            SignPlane.PackReference(values, bytes);
        }
        else
        {
            SignPlane.Pack(values, bytes);
        }
        WriteScale(Stored(best), block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected override void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
    {
        ReadOnlySpan<byte> bytes = block.Slice(_codesOffset, _codeBytes);
        if (reference)
        {
            SignPlane.DecodeReference(bytes, scale, values);
        }
        else
        {
            SignPlane.Decode(bytes, scale, values);
        }
    }
}
