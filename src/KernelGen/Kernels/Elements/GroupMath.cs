using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Statistics of a group of values, for generated encoders. Every result is the same on every vector width: maxima are
/// exact, and sums run in 16 interleaved lanes that are joined as a fixed tree (see <see cref="LaneSum(Span{float})"/>).
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GroupMath
{
    private const uint MagnitudeMask = 0x7FFFFFFFu;

    /// <summary>Smallest bit pattern of a magnitude that is not finite.</summary>
    public const uint NonFinite = 0x7F800000u;

    /// <summary>The bits of max|x|, compared as integers, so that NaN and infinity come out on top.</summary>
    /// <param name="values">Values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint MagnitudeBits(ReadOnlySpan<float> values)
    {
        ref float first = ref MemoryMarshal.GetReference(values);
        int i = 0;
        uint result = 0;
        if (Vector512.IsHardwareAccelerated && values.Length >= 16)
        {
            Vector512<uint> max = Vector512<uint>.Zero;
            for (; i <= values.Length - 16; i += 16)
            {
                max = Vector512.Max(max, Magnitudes512(ref first, i));
            }
            result = MaxAcross(max);
        }
        else if (Vector256.IsHardwareAccelerated && values.Length >= 8)
        {
            Vector256<uint> max = Vector256<uint>.Zero;
            for (; i <= values.Length - 8; i += 8)
            {
                max = Vector256.Max(max, Vector256.LoadUnsafe(ref first, (nuint)i).AsUInt32() & Vector256.Create(MagnitudeMask));
            }
            result = MaxAcross(Vector128.Max(max.GetLower(), max.GetUpper()));
        }
        else if (Vector128.IsHardwareAccelerated && values.Length >= 4)
        {
            Vector128<uint> max = Vector128<uint>.Zero;
            for (; i <= values.Length - 4; i += 4)
            {
                max = Vector128.Max(max, Vector128.LoadUnsafe(ref first, (nuint)i).AsUInt32() & Vector128.Create(MagnitudeMask));
            }
            result = MaxAcross(max);
        }
        for (; i < values.Length; i++)
        {
            result = Math.Max(result, BitConverter.SingleToUInt32Bits(Unsafe.Add(ref first, i)) & MagnitudeMask);
        }
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Magnitudes512(ref float first, int i) =>
        Vector512.LoadUnsafe(ref first, (nuint)i).AsUInt32() & Vector512.Create(MagnitudeMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint MaxAcross(Vector512<uint> v)
    {
        Vector256<uint> half = Vector256.Max(v.GetLower(), v.GetUpper());
        return MaxAcross(Vector128.Max(half.GetLower(), half.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint MaxAcross(Vector128<uint> v)
    {
        v = Vector128.Max(v, Vector128.Shuffle(v, Vector128.Create(2u, 3u, 0u, 1u)));
        // no comparison of scalars: its branch would be guessed wrongly every other time
        return Vector128.Max(v, Vector128.Shuffle(v, Vector128.Create(1u, 0u, 3u, 2u))).ToScalar();
    }

    /// <summary>The first value of largest magnitude, with its sign; 0 for none.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="magnitudeBits">The result of <see cref="MagnitudeBits"/> for them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SignedMax(ReadOnlySpan<float> values, uint magnitudeBits)
    {
        if (magnitudeBits == 0 || values.IsEmpty)
        {
            return 0f;
        }
        ref float first = ref MemoryMarshal.GetReference(values);
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            // Where it lies is chance: 64 values are looked through without a branch on it, which would be guessed wrongly.
            for (int start = 0; i <= values.Length - 8; start = i)
            {
                ulong found = 0;
                int end = Math.Min(values.Length, start + 64);
                for (; Vector512.IsHardwareAccelerated && i <= end - 16; i += 16)
                {
                    found |=
                        Vector512.Equals(Magnitudes512(ref first, i), Vector512.Create(magnitudeBits)).ExtractMostSignificantBits()
                        << (i - start);
                }
                for (; i <= end - 8; i += 8)
                {
                    Vector256<uint> bits = Vector256.LoadUnsafe(ref first, (nuint)i).AsUInt32() & Vector256.Create(MagnitudeMask);
                    found |= (ulong)Vector256.Equals(bits, Vector256.Create(magnitudeBits)).ExtractMostSignificantBits() << (i - start);
                }
                if (found != 0)
                {
                    return Unsafe.Add(ref first, start + BitOperations.TrailingZeroCount(found));
                }
            }
        }
        for (; i < values.Length; i++)
        {
            if ((BitConverter.SingleToUInt32Bits(Unsafe.Add(ref first, i)) & 0x7FFFFFFF) == magnitudeBits)
            {
                break;
            }
        }
        return Unsafe.Add(ref first, Math.Min(i, values.Length - 1));
    }

    /// <summary>Smallest and largest value; zeros come out as +0.</summary>
    /// <param name="values">Finite values, at least one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float Min, float Max) Range(ReadOnlySpan<float> values)
    {
        ref float first = ref MemoryMarshal.GetReference(values);
        float min = values[0],
            max = min;
        int i = 0;
        if (Vector128.IsHardwareAccelerated && values.Length >= 8)
        {
            Vector256<float> low = Vector256.LoadUnsafe(ref first),
                high = low;
            for (i = 8; i <= values.Length - 8; i += 8)
            {
                Vector256<float> v = Vector256.LoadUnsafe(ref first, (nuint)i);
                low = Vector256.MinNative(low, v);
                high = Vector256.MaxNative(high, v);
            }
            for (int lane = 0; lane < 8; lane++)
            {
                min = MathF.Min(min, low.GetElement(lane));
                max = MathF.Max(max, high.GetElement(lane));
            }
        }
        for (; i < values.Length; i++)
        {
            min = MathF.Min(min, Unsafe.Add(ref first, i));
            max = MathF.Max(max, Unsafe.Add(ref first, i));
        }
        return (min == 0f ? 0f : min, max == 0f ? 0f : max);
    }

    /// <summary>Σx² over 16 lanes of float32; in double, one after the other, where float32 would overflow or lose small values.</summary>
    /// <param name="values">Values.</param>
    public static double SumOfSquares(ReadOnlySpan<float> values)
    {
        ref float first = ref MemoryMarshal.GetReference(values);
        Vector512<float> sum = Vector512<float>.Zero;
        int i = 0;
        for (; i <= values.Length - 16; i += 16)
        {
            Vector512<float> v = Vector512.LoadUnsafe(ref first, (nuint)i);
            sum += v * v;
        }
        Span<float> lanes = stackalloc float[16];
        sum.CopyTo(lanes);
        for (int lane = 0; i < values.Length; i++, lane++)
        {
            lanes[lane] += values[i] * values[i];
        }
        float total = LaneSum(lanes);
        return total is > 1e-25f and < float.MaxValue ? total : SumOfSquaresInDouble(values);
    }

    /// <summary>Σw·(x − y)² over 16 lanes of float32.</summary>
    /// <param name="values">Values x.</param>
    /// <param name="decoded">What they decode to, y; at least as long.</param>
    /// <param name="importance">Weights w; at least as long.</param>
    public static float WeightedError(ReadOnlySpan<float> values, ReadOnlySpan<float> decoded, ReadOnlySpan<float> importance)
    {
        ref float x = ref MemoryMarshal.GetReference(values),
            y = ref MemoryMarshal.GetReference(decoded[..values.Length]);
        ref float w = ref MemoryMarshal.GetReference(importance[..values.Length]);
        Vector512<float> sum = Vector512<float>.Zero;
        int i = 0;
        for (; i <= values.Length - 16; i += 16)
        {
            Vector512<float> difference = Vector512.LoadUnsafe(ref x, (nuint)i) - Vector512.LoadUnsafe(ref y, (nuint)i);
            sum += difference * difference * Vector512.LoadUnsafe(ref w, (nuint)i);
        }
        Span<float> lanes = stackalloc float[16];
        sum.CopyTo(lanes);
        for (int lane = 0; i < values.Length; i++, lane++)
        {
            float difference = values[i] - decoded[i];
            lanes[lane] += difference * difference * importance[i];
        }
        return LaneSum(lanes);
    }

    /// <summary>The integers <c>values · factor + addend</c> as bytes: what codes stand for back to the codes.</summary>
    /// <param name="values">Values for which that is an exact integer from 0 to 255.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="addend">The addend.</param>
    /// <param name="codes">Receives the bytes; at least as long.</param>
    public static void ToCodes(ReadOnlySpan<float> values, float factor, float addend, Span<byte> codes)
    {
        ref float source = ref MemoryMarshal.GetReference(values);
        ref byte target = ref MemoryMarshal.GetReference(codes[..values.Length]);
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= values.Length - 16; i += 16)
            {
                Vector128
                    .Narrow(
                        Vector128.Narrow(Integers(ref source, i, factor, addend), Integers(ref source, i + 4, factor, addend)),
                        Vector128.Narrow(Integers(ref source, i + 8, factor, addend), Integers(ref source, i + 12, factor, addend))
                    )
                    .StoreUnsafe(ref target, (nuint)i);
            }
        }
        for (; i < values.Length; i++)
        {
            codes[i] = (byte)(values[i] * factor + addend);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Integers(ref float values, int i, float factor, float addend) =>
        Vector128.ConvertToInt32Native(Vector128.LoadUnsafe(ref values, (nuint)i) * factor + Vector128.Create(addend)).AsUInt32();

    private static double SumOfSquaresInDouble(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += (double)value * value;
        }
        return sum;
    }

    /// <summary>Joins 16 partial sums as a fixed tree: lanes 8 apart, then 4, 2 and 1.</summary>
    /// <param name="lanes">16 sums; overwritten.</param>
    public static float LaneSum(Span<float> lanes)
    {
        for (int width = 8; width >= 1; width /= 2)
        {
            for (int i = 0; i < width; i++)
            {
                lanes[i] += lanes[i + width];
            }
        }
        return lanes[0];
    }

    /// <summary>Joins 16 partial sums as the same tree as <see cref="LaneSum(Span{float})"/>.</summary>
    /// <param name="lanes">16 sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LaneSum(Vector512<float> lanes) => LaneSum(lanes.GetLower(), lanes.GetUpper());

    /// <summary>Joins 16 partial sums held in two vectors.</summary>
    /// <param name="low">Lanes 0 to 7.</param>
    /// <param name="high">Lanes 8 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LaneSum(Vector256<float> low, Vector256<float> high)
    {
        Vector256<float> eight = low + high;
        return LaneSum(eight.GetLower() + eight.GetUpper());
    }

    /// <summary>Joins 16 partial sums held in four vectors.</summary>
    /// <param name="a">Lanes 0 to 3.</param>
    /// <param name="b">Lanes 4 to 7.</param>
    /// <param name="c">Lanes 8 to 11.</param>
    /// <param name="d">Lanes 12 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LaneSum(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) =>
        LaneSum((a + c) + (b + d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float LaneSum(Vector128<float> four) =>
        (four.GetElement(0) + four.GetElement(2)) + (four.GetElement(1) + four.GetElement(3));
}
