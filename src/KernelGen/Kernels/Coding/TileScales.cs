using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// The rules of <see cref="ScaleChoice"/> that follow from a few statistics, for up to 16 groups side by side in lanes: the codes that are
/// stored, and what values are moved and multiplied by.
/// </summary>
/// <remarks>What the rules read of the recipe's description are fields of their own, which the JIT treats as constants.</remarks>
internal struct TileScales<TRecipe>
    where TRecipe : struct, IElementRecipe<TRecipe>
{
    private static readonly ScaleRule Rule = TRecipe.Spec.Rule;
    private static readonly ScaleType Scale = TRecipe.Spec.Scale,
        Offset = TRecipe.Spec.Offset ?? default;
    private static readonly bool Unrounded = TRecipe.Spec.Unrounded,
        HasTensorScale = TRecipe.Spec.HasTensorScale;
    private static readonly int TopExponent = ScaleChoice.TopExponent(TRecipe.Spec);
    private static readonly float Top = (float)TRecipe.Spec.Element.Top,
        Lowest = (float)TRecipe.Spec.Element.Lowest,
        Span = (float)(TRecipe.Spec.Element.Highest - TRecipe.Spec.Element.Lowest);

    /// <summary>The scales' codes.</summary>
    public Vector512<uint> Stored;

    /// <summary>The offsets' codes.</summary>
    public Vector512<uint> StoredOffset;

    /// <summary>What values are multiplied by.</summary>
    public Vector512<float> Inverse;

    /// <summary>What is subtracted from them.</summary>
    public Vector512<float> Shift;

    /// <summary>One of 16 numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(ref Vector512<T> numbers, int i) => Unsafe.Add(ref Unsafe.As<Vector512<T>, T>(ref numbers), i);

    /// <summary>Chooses the scales of a tile.</summary>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    public void Choose(ReadOnlySpan<float> tile, float tensorScale, int row, int column)
    {
        if (TRecipe.HasOffset)
        {
            Affine(tile, row, column);
            return;
        }
        Vector512<float> wanted = Wanted(tile, row, column);
        Vector512<uint> codes =
            !HasTensorScale ? ScaleLanes.Encode(Scale, wanted)
            : tensorScale > 0f ? ScaleLanes.Encode(Scale, wanted / Vector512.Create(tensorScale))
            : ScaleLanes.Encode(Scale, Vector512<float>.Zero);
        Stored = codes;
        Inverse =
            Rule is ScaleRule.MxFloor or ScaleRule.MxCeiling ? Vector512<float>.One / ScaleLanes.Decode(Scale, codes)
            : Unrounded ? ScaleLanes.Reciprocal(wanted)
            : HasTensorScale ? ScaleLanes.Reciprocal(ScaleLanes.Decode(Scale, codes) * Vector512.Create(tensorScale))
            : ScaleLanes.Reciprocal(ScaleLanes.Decode(Scale, codes));
    }

    /// <summary>The scales before they are rounded to their type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Wanted(ReadOnlySpan<float> tile, int row, int column)
    {
        if (Rule == ScaleRule.SignedMax)
        {
            Vector512<float> extreme = GroupTile<TRecipe>.SignedMax(tile, out Vector512<uint> magnitudes);
            RequireFinite(magnitudes, tile, row, column);
            return extreme / Vector512.Create(Lowest);
        }
        Vector512<uint> magnitude = GroupTile<TRecipe>.Magnitudes(tile);
        RequireFinite(magnitude, tile, row, column);
        Vector512<float> top = Vector512.Create(Top);
        Vector512<int> exponent;
        switch (Rule)
        {
            case ScaleRule.MxFloor:
                // the exponent of max|x| less the exponent of the top level, read from the float's own exponent field
                exponent = (magnitude >>> 23).AsInt32() - Vector512.Create(TopExponent);
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

    private void Affine(ReadOnlySpan<float> tile, int row, int column)
    {
        if (GroupMath.MagnitudeBits(tile) >= GroupMath.NonFinite)
        {
            MatrixDriver.ThrowNonFinite(TRecipe.Spec.Name, tile, row, column);
        }
        Vector512<float> span = Vector512.Create(Span);
        Vector512<float> min = GroupTile<TRecipe>.Range(tile, out Vector512<float> max);
        Vector512<float> wanted = Vector512.MinNative(max - min, Vector512.Create(float.MaxValue)) / span;
        Vector512<uint> codes = ScaleLanes.Encode(Scale, wanted);
        Vector512<float> scale = ScaleLanes.Decode(Scale, codes);
        Vector512<float> low = Lowest == 0f ? min : min - Vector512.Create(Lowest) * scale;
        Vector512<uint> lowCodes = ScaleLanes.Encode(Offset, low);
        Stored = codes;
        StoredOffset = lowCodes;
        Inverse = ScaleLanes.Reciprocal(Unrounded ? wanted : scale);
        Shift = Unrounded ? low : ScaleLanes.Decode(Offset, lowCodes);
    }

    private static void RequireFinite(Vector512<uint> magnitude, ReadOnlySpan<float> tile, int row, int column)
    {
        if (Vector512.GreaterThanOrEqualAny(magnitude, Vector512.Create(GroupMath.NonFinite)))
        {
            MatrixDriver.ThrowNonFinite(TRecipe.Spec.Name, tile, row, column);
        }
    }
}
