using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>Rounds activations to signed bytes, 16 at a time, or four groups of 32 at a time.</summary>
internal static class Int8Quantiser
{
    /// <summary>Groups that <see cref="Four"/> takes.</summary>
    public const int Groups = 4;

    /// <summary>Whether <see cref="Four"/> can be called.</summary>
    public static bool HasFour => Avx512BW.IsSupported;

    /// <summary>
    /// Codes of four neighbouring groups: the same as of each by itself, but one division serves four scales, and what is
    /// added up or compared across a vector is done for all of them at once.
    /// </summary>
    /// <param name="values">128 finite values.</param>
    /// <param name="codes">Receives 32 codes of the first group.</param>
    /// <param name="stride">From the codes of one group to those of the next.</param>
    /// <param name="first">Receives the sums of the first 16 codes of each group.</param>
    /// <param name="second">Receives the sums of the last 16.</param>
    /// <returns>The groups' scales.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Four(ref float values, ref sbyte codes, nint stride, out Vector128<int> first, out Vector128<int> second)
    {
        Vector128<int> a = Largest(ref values, 0),
            b = Largest(ref values, 32),
            c = Largest(ref values, 64),
            d = Largest(ref values, 96);
        // the maxima of four vectors of four, side by side
        Vector128<int> ab = Vector128.Max(Sse2.UnpackLow(a, b), Sse2.UnpackHigh(a, b)),
            cd = Vector128.Max(Sse2.UnpackLow(c, d), Sse2.UnpackHigh(c, d));
        Vector128<float> largest = Vector128
            .Max(Sse2.UnpackLow(ab.AsInt64(), cd.AsInt64()).AsInt32(), Sse2.UnpackHigh(ab.AsInt64(), cd.AsInt64()).AsInt32())
            .AsSingle();
        Vector128<float> scale = Short(largest / Vector128.Create(127f));
        Vector128<float> inverse = Vector128.ConditionalSelect(
            Vector128.GreaterThanOrEqual(scale, Vector128.Create(1.1754944e-38f)),
            Vector128<float>.One / scale,
            Vector128<float>.Zero
        ); // as ScaleCodec.Reciprocal

        Vector512<sbyte> low = Codes(ref values, inverse.GetElement(0), inverse.GetElement(1)),
            high = Codes(ref Unsafe.Add(ref values, 64), inverse.GetElement(2), inverse.GetElement(3));
        low.GetLower().StoreUnsafe(ref codes);
        low.GetUpper().StoreUnsafe(ref Unsafe.Add(ref codes, stride));
        high.GetLower().StoreUnsafe(ref Unsafe.Add(ref codes, 2 * stride));
        high.GetUpper().StoreUnsafe(ref Unsafe.Add(ref codes, 3 * stride));

        // sums of eight bytes, then of sixteen: four of them in each vector, one in 128 bits; bytes are added as unsigned, 128 too large
        // each
        Vector512<int> sumsLow = Sixteens(low),
            sumsHigh = Sixteens(high);
        Vector512<int> sums =
            Avx512F.PermuteVar16x32x2(sumsLow, Vector512.Create(0, 8, 16, 24, 4, 12, 20, 28, 0, 0, 0, 0, 0, 0, 0, 0), sumsHigh)
            - Vector512.Create(128 * 16);
        (first, second) = (sums.GetLower().GetLower(), sums.GetLower().GetUpper());
        return scale;
    }

    /// <summary>The scale that puts the largest magnitude on 127.</summary>
    public static float Scale(float largest) => Short(Vector128.CreateScalar(largest / 127f)).ToScalar();

    /// <summary>The scale of a second digit: what rounding to the first one leaves is at most half its scale.</summary>
    public static float SecondScale(float first) => Scale(.5f * first);

    /// <summary>
    /// Rounds scales up to 12 significant bits. Times a sum of 32 codes, which has 12 bits, and a power of two they are exact then: what
    /// the lowest level of weights adds to a product is taken away to the bit (<see cref="Int8Activations"/>).
    /// </summary>
    private static Vector128<float> Short(Vector128<float> scales)
    {
        const int Rest = (1 << 12) - 1;
        // a NaN stays one: the last of them has no room above
        return (
            Vector128.Min(scales.AsInt32(), Vector128.Create(int.MaxValue - Rest)) + Vector128.Create(Rest) & Vector128.Create(~Rest)
        ).AsSingle();
    }

    /// <summary>The largest magnitude of 32 finite values.</summary>
    public static float Largest(ref float values)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Largest(Largest(ref values, 0));
        }
        Vector128<int> most = Magnitudes(Vector128.LoadUnsafe(ref values));
        for (nuint i = 4; i < 32; i += 4)
        {
            most = Vector128.Max(most, Magnitudes(Vector128.LoadUnsafe(ref values, i)));
        }
        return Largest(most);
    }

    /// <summary>Codes of 16 values: rounded to even after multiplication.</summary>
    /// <returns>The sum of the codes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int One(ref float values, float inverse, ref sbyte codes)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<int> numbers = Vector512.ConvertToInt32Native(
                Vector512.Round(Vector512.LoadUnsafe(ref values) * Vector512.Create(inverse))
            );
            return Store(numbers, ref codes);
        }
        int sum = 0;
        for (int i = 0; i < 16; i += 4)
        {
            sum += Store(Numbers(ref Unsafe.Add(ref values, i), inverse), ref Unsafe.Add(ref codes, i));
        }
        return sum;
    }

    /// <summary>Two digits of 16 values: <c>value ≈ scale · high + second · low</c>.</summary>
    /// <returns>The sums of the digits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int High, int Low) Two(ref float values, float scale, float second, ref sbyte high, ref sbyte low)
    {
        float inverse = ScaleCodec.Reciprocal(scale),
            inverseSecond = ScaleCodec.Reciprocal(second);
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> value = Vector512.LoadUnsafe(ref values),
                digits = Vector512.Round(value * Vector512.Create(inverse));
            // the product is exact: 12 bits times 7
            Vector512<float> rest = Vector512.Round((value - digits * Vector512.Create(scale)) * Vector512.Create(inverseSecond));
            return (Store(Vector512.ConvertToInt32Native(digits), ref high), Store(Vector512.ConvertToInt32Native(rest), ref low));
        }
        int highs = 0,
            lows = 0;
        for (int i = 0; i < 16; i += 4)
        {
            Vector128<float> value = Vector128.LoadUnsafe(ref Unsafe.Add(ref values, i)),
                digits = Vector128.Round(value * Vector128.Create(inverse));
            Vector128<float> rest = Vector128.Round((value - digits * Vector128.Create(scale)) * Vector128.Create(inverseSecond));
            highs += Store(Vector128.ConvertToInt32Native(digits), ref Unsafe.Add(ref high, i));
            lows += Store(Vector128.ConvertToInt32Native(rest), ref Unsafe.Add(ref low, i));
        }
        return (highs, lows);
    }

    /// <summary>64 codes of two groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<sbyte> Codes(ref float values, float inverse, float second)
    {
        Vector512<float> one = Vector512.Create(inverse),
            two = Vector512.Create(second);
        // saturation never happens; packing works within 128 bits, the permutation mends the order
        Vector512<short> words = Avx512BW.PackSignedSaturate(Rounded(ref values, 0, one), Rounded(ref values, 16, one));
        Vector512<short> others = Avx512BW.PackSignedSaturate(Rounded(ref values, 32, two), Rounded(ref values, 48, two));
        return Avx512F
            .PermuteVar16x32(
                Avx512BW.PackSignedSaturate(words, others).AsInt32(),
                Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)
            )
            .AsSByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Rounded(ref float values, nuint index, Vector512<float> inverse) =>
        Avx512F.ConvertToVector512Int32(Vector512.LoadUnsafe(ref values, index) * inverse); // to nearest even

    /// <summary>Sums of 16 bytes, each 128 larger than it is; one in the first 32 of each 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Sixteens(Vector512<sbyte> codes)
    {
        Vector512<int> eights = Avx512BW
            .SumAbsoluteDifferences(codes.AsByte() ^ Vector512.Create((byte)128), Vector512<byte>.Zero)
            .AsInt32();
        return eights + Avx512F.Shuffle(eights, 0b_01_00_11_10);
    }

    /// <summary>The largest magnitudes of 32 values, eight for each element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Largest(ref float values, nuint index)
    {
        Vector512<int> bits = Vector512.Max(
            Magnitudes(Vector512.LoadUnsafe(ref values, index)),
            Magnitudes(Vector512.LoadUnsafe(ref values, index + 16))
        );
        Vector256<int> half = Vector256.Max(bits.GetLower(), bits.GetUpper());
        return Vector128.Max(half.GetLower(), half.GetUpper());
    }

    private static Vector512<int> Magnitudes(Vector512<float> values) => values.AsInt32() & Vector512.Create(int.MaxValue);

    private static Vector128<int> Magnitudes(Vector128<float> values) => values.AsInt32() & Vector128.Create(int.MaxValue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(Vector128<int> bits)
    {
        Vector128<int> pairs = Vector128.Max(bits, Vector128.Shuffle(bits, Vector128.Create(2, 3, 0, 1)));
        // no comparison of scalars: its branch would be guessed wrongly every other time
        return BitConverter.Int32BitsToSingle(Vector128.Max(pairs, Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2))).ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Numbers(ref float values, float inverse) =>
        Vector128.ConvertToInt32Native(Vector128.Round(Vector128.LoadUnsafe(ref values) * Vector128.Create(inverse)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Store(Vector512<int> numbers, ref sbyte codes)
    {
        Lanes512.StoreBytes(numbers, ref Unsafe.As<sbyte, byte>(ref codes), 0);
        Vector256<int> half = numbers.GetLower() + numbers.GetUpper();
        return Vector128.Sum(half.GetLower() + half.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Store(Vector128<int> numbers, ref sbyte codes)
    {
        Lanes128.StoreBytes(numbers, ref Unsafe.As<sbyte, byte>(ref codes), 0);
        return Vector128.Sum(numbers);
    }
}
