using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>One vector width: what loops over groups ask of a recipe. Sums of errors run in 16 lanes on every width.</summary>
internal interface IElementArm
{
    /// <summary>Decodes a group, see <see cref="IElementRecipe{TRecipe}.Decode512"/>.</summary>
    static abstract void Decode(ref byte block, nint g, float scale, ref float values);

    /// <summary>Stores the codes of a group, see <see cref="IElementRecipe{TRecipe}.Encode512"/>.</summary>
    static abstract void Encode(ref float values, float inverse, float shift, ref byte block, nint g, Span<byte> codes);

    /// <summary>One group quantised and dequantised in registers.</summary>
    static abstract void RoundTrip(ref float values, in GroupScale scale, ref float result);

    /// <summary>Σ(x − R(x))² of one group.</summary>
    static abstract float Error(ref float values, in GroupScale scale);
}

/// <summary>Vectors of 512 bits.</summary>
internal readonly struct ElementArm512<TRecipe> : IElementArm
    where TRecipe : struct, IElementRecipe<TRecipe>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(ref byte block, nint g, float scale, ref float values) => TRecipe.Decode512(ref block, g, scale, ref values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Encode(ref float values, float inverse, float shift, ref byte block, nint g, Span<byte> codes) =>
        TRecipe.Encode512(ref values, inverse, shift, ref block, g, codes);

    public static void RoundTrip(ref float values, in GroupScale scale, ref float result)
    {
        for (nuint i = 0; i < (nuint)TRecipe.Group; i += (nuint)Vector512<float>.Count)
        {
            Coded(Vector512.LoadUnsafe(ref values, i), scale).StoreUnsafe(ref result, i);
        }
    }

    public static float Error(ref float values, in GroupScale scale)
    {
        Vector512<float> sum0 = Vector512<float>.Zero;
        for (nuint i = 0; i < (nuint)TRecipe.Group; i += 16)
        {
            sum0 = Add(sum0, ref values, i, scale);
        }
        return GroupMath.LaneSum(sum0);
    }

    /// <summary>What decoding makes of the codes of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Coded(Vector512<float> x, in GroupScale scale)
    {
        if (!TRecipe.IsScaled)
        {
            return TRecipe.Level(TRecipe.Code(x));
        }
        Vector512<float> inverse = Vector512.Create(scale.Inverse);
        Vector512<float> scaled = TRecipe.HasOffset ? (x - Vector512.Create(scale.CodeOffset)) * inverse : x * inverse;
        Vector512<float> product = TRecipe.Level(TRecipe.Code(scaled)) * Vector512.Create(scale.Scale);
        return TRecipe.HasOffset ? product + Vector512.Create(scale.Offset) : product;
    }

    /// <summary>Σ and the squared errors of one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(Vector512<float> sum, ref float values, nuint i, in GroupScale scale)
    {
        Vector512<float> x = Vector512.LoadUnsafe(ref values, i);
        Vector512<float> difference = x - Coded(x, scale);
        return sum + difference * difference;
    }
}

/// <summary>Vectors of 256 bits.</summary>
internal readonly struct ElementArm256<TRecipe> : IElementArm
    where TRecipe : struct, IElementRecipe<TRecipe>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(ref byte block, nint g, float scale, ref float values) => TRecipe.Decode256(ref block, g, scale, ref values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Encode(ref float values, float inverse, float shift, ref byte block, nint g, Span<byte> codes) =>
        TRecipe.Encode256(ref values, inverse, shift, ref block, g, codes);

    public static void RoundTrip(ref float values, in GroupScale scale, ref float result)
    {
        for (nuint i = 0; i < (nuint)TRecipe.Group; i += (nuint)Vector256<float>.Count)
        {
            Coded(Vector256.LoadUnsafe(ref values, i), scale).StoreUnsafe(ref result, i);
        }
    }

    public static float Error(ref float values, in GroupScale scale)
    {
        Vector256<float> sum0 = Vector256<float>.Zero,
            sum1 = Vector256<float>.Zero;
        for (nuint i = 0; i < (nuint)TRecipe.Group; i += 16)
        {
            sum0 = Add(sum0, ref values, i, scale);
            sum1 = Add(sum1, ref values, i + 8, scale);
        }
        return GroupMath.LaneSum(sum0, sum1);
    }

    /// <summary>What decoding makes of the codes of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Coded(Vector256<float> x, in GroupScale scale)
    {
        if (!TRecipe.IsScaled)
        {
            return TRecipe.Level(TRecipe.Code(x));
        }
        Vector256<float> inverse = Vector256.Create(scale.Inverse);
        Vector256<float> scaled = TRecipe.HasOffset ? (x - Vector256.Create(scale.CodeOffset)) * inverse : x * inverse;
        Vector256<float> product = TRecipe.Level(TRecipe.Code(scaled)) * Vector256.Create(scale.Scale);
        return TRecipe.HasOffset ? product + Vector256.Create(scale.Offset) : product;
    }

    /// <summary>Σ and the squared errors of one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Add(Vector256<float> sum, ref float values, nuint i, in GroupScale scale)
    {
        Vector256<float> x = Vector256.LoadUnsafe(ref values, i);
        Vector256<float> difference = x - Coded(x, scale);
        return sum + difference * difference;
    }
}

/// <summary>Vectors of 128 bits.</summary>
internal readonly struct ElementArm128<TRecipe> : IElementArm
    where TRecipe : struct, IElementRecipe<TRecipe>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(ref byte block, nint g, float scale, ref float values) => TRecipe.Decode128(ref block, g, scale, ref values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Encode(ref float values, float inverse, float shift, ref byte block, nint g, Span<byte> codes) =>
        TRecipe.Encode128(ref values, inverse, shift, ref block, g, codes);

    public static void RoundTrip(ref float values, in GroupScale scale, ref float result)
    {
        for (nuint i = 0; i < (nuint)TRecipe.Group; i += (nuint)Vector128<float>.Count)
        {
            Coded(Vector128.LoadUnsafe(ref values, i), scale).StoreUnsafe(ref result, i);
        }
    }

    public static float Error(ref float values, in GroupScale scale)
    {
        Vector128<float> sum0 = Vector128<float>.Zero,
            sum1 = Vector128<float>.Zero,
            sum2 = Vector128<float>.Zero,
            sum3 = Vector128<float>.Zero;
        for (nuint i = 0; i < (nuint)TRecipe.Group; i += 16)
        {
            sum0 = Add(sum0, ref values, i, scale);
            sum1 = Add(sum1, ref values, i + 4, scale);
            sum2 = Add(sum2, ref values, i + 8, scale);
            sum3 = Add(sum3, ref values, i + 12, scale);
        }
        return GroupMath.LaneSum(sum0, sum1, sum2, sum3);
    }

    /// <summary>What decoding makes of the codes of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Coded(Vector128<float> x, in GroupScale scale)
    {
        if (!TRecipe.IsScaled)
        {
            return TRecipe.Level(TRecipe.Code(x));
        }
        Vector128<float> inverse = Vector128.Create(scale.Inverse);
        Vector128<float> scaled = TRecipe.HasOffset ? (x - Vector128.Create(scale.CodeOffset)) * inverse : x * inverse;
        Vector128<float> product = TRecipe.Level(TRecipe.Code(scaled)) * Vector128.Create(scale.Scale);
        return TRecipe.HasOffset ? product + Vector128.Create(scale.Offset) : product;
    }

    /// <summary>Σ and the squared errors of one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add(Vector128<float> sum, ref float values, nuint i, in GroupScale scale)
    {
        Vector128<float> x = Vector128.LoadUnsafe(ref values, i);
        Vector128<float> difference = x - Coded(x, scale);
        return sum + difference * difference;
    }
}
