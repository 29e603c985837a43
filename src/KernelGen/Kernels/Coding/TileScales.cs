using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// The rules of <see cref="ScaleChoice"/> that follow from a few statistics, for up to 16 groups side by side in lanes: the codes that are
/// stored, and what values are moved and multiplied by.
/// </summary>
internal ref struct TileScales
{
    /// <summary>The scales' codes.</summary>
    public Span<uint> Stored;

    /// <summary>The offsets' codes.</summary>
    public Span<uint> StoredOffset;

    /// <summary>What values are multiplied by.</summary>
    public Span<float> Inverse;

    /// <summary>What is subtracted from them.</summary>
    public Span<float> Shift;

    /// <summary>Chooses the scales of a tile.</summary>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    public readonly void Choose(ElementSpec spec, ReadOnlySpan<float> tile, float tensorScale, int row, int column)
    {
        if (spec.Offset is { } offset)
        {
            Affine(spec, offset, tile, row, column);
            return;
        }
        Vector512<float> wanted = Wanted(spec, tile, row, column);
        Vector512<uint> codes =
            !spec.HasTensorScale ? ScaleLanes.Encode(spec.Scale, wanted)
            : tensorScale > 0f ? ScaleLanes.Encode(spec.Scale, wanted / Vector512.Create(tensorScale))
            : ScaleLanes.Encode(spec.Scale, Vector512<float>.Zero);
        codes.CopyTo(Stored);
        Vector512<float> inverse =
            spec.Rule is ScaleRule.MxFloor or ScaleRule.MxCeiling ? Vector512<float>.One / ScaleLanes.Decode(spec.Scale, codes)
            : spec.Unrounded ? ScaleLanes.Reciprocal(wanted)
            : spec.HasTensorScale ? ScaleLanes.Reciprocal(ScaleLanes.Decode(spec.Scale, codes) * Vector512.Create(tensorScale))
            : ScaleLanes.Reciprocal(ScaleLanes.Decode(spec.Scale, codes));
        inverse.CopyTo(Inverse);
    }

    /// <summary>The scales before they are rounded to their type.</summary>
    private static Vector512<float> Wanted(ElementSpec spec, ReadOnlySpan<float> tile, int row, int column)
    {
        if (spec.Rule == ScaleRule.SignedMax)
        {
            Vector512<float> extreme = GroupTile.SignedMax(tile, spec.Group, out Vector512<uint> magnitudes);
            RequireFinite(spec, magnitudes, tile, row, column);
            return extreme / Vector512.Create((float)spec.Element.Lowest);
        }
        Vector512<uint> magnitude = GroupTile.Magnitudes(tile, spec.Group);
        RequireFinite(spec, magnitude, tile, row, column);
        Vector512<float> top = Vector512.Create((float)spec.Element.Top);
        Vector512<int> exponent;
        switch (spec.Rule)
        {
            case ScaleRule.MxFloor:
                // the exponent of max|x| less the exponent of the top level, read from the float's own exponent field
                exponent = (magnitude >>> 23).AsInt32() - Vector512.Create(ScaleChoice.TopExponent(spec));
                break;
            case ScaleRule.MxCeiling:
                // the next power of two at or above max|x| / top; a comparison gives -1
                Vector512<uint> ratio = (magnitude.AsSingle() / top).AsUInt32();
                Vector512<int> inexact = Vector512.GreaterThan(ratio & Vector512.Create(0x7FFFFFu), Vector512<uint>.Zero).AsInt32();
                exponent = (ratio >>> 23).AsInt32() - inexact;
                break;
            default:
                return magnitude.AsSingle() / top;
        }
        exponent = Vector512.Min(Vector512.Max(exponent, Vector512<int>.Zero), Vector512.Create(254));
        return ScaleLanes.Decode(ScaleType.E8M0, exponent.AsUInt32());
    }

    private readonly void Affine(ElementSpec spec, ScaleType offset, ReadOnlySpan<float> tile, int row, int column)
    {
        if (GroupMath.MagnitudeBits(tile) >= GroupMath.NonFinite)
        {
            MatrixDriver.ThrowNonFinite(spec.Name, tile, row, column);
        }
        Vector512<float> span = Vector512.Create((float)(spec.Element.Highest - spec.Element.Lowest));
        Vector512<float> min = GroupTile.Range(tile, spec.Group, out Vector512<float> max);
        Vector512<float> wanted = Vector512.MinNative(max - min, Vector512.Create(float.MaxValue)) / span;
        Vector512<uint> codes = ScaleLanes.Encode(spec.Scale, wanted);
        Vector512<float> scale = ScaleLanes.Decode(spec.Scale, codes);
        Vector512<float> low = spec.Element.Lowest == 0 ? min : min - Vector512.Create((float)spec.Element.Lowest) * scale;
        Vector512<uint> lowCodes = ScaleLanes.Encode(offset, low);
        codes.CopyTo(Stored);
        lowCodes.CopyTo(StoredOffset);
        ScaleLanes.Reciprocal(spec.Unrounded ? wanted : scale).CopyTo(Inverse);
        (spec.Unrounded ? low : ScaleLanes.Decode(offset, lowCodes)).CopyTo(Shift);
    }

    private static void RequireFinite(ElementSpec spec, Vector512<uint> magnitude, ReadOnlySpan<float> tile, int row, int column)
    {
        if (Vector512.GreaterThanOrEqualAny(magnitude, Vector512.Create(GroupMath.NonFinite)))
        {
            MatrixDriver.ThrowNonFinite(spec.Name, tile, row, column);
        }
    }
}
