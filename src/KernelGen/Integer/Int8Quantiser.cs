using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelGen;

/// <summary>Rounds activations to signed bytes, 16 at a time.</summary>
internal static class Int8Quantiser
{
    /// <summary>The largest magnitude of 32 finite values.</summary>
    public static float Largest(ref float values)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<int> bits = Vector512.Max(Magnitudes(Vector512.LoadUnsafe(ref values)), Magnitudes(Vector512.LoadUnsafe(ref values, 16)));
            Vector256<int> half = Vector256.Max(bits.GetLower(), bits.GetUpper());
            return Largest(Vector128.Max(half.GetLower(), half.GetUpper()));
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
            Vector512<int> numbers = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.LoadUnsafe(ref values) * Vector512.Create(inverse)));
            return Store(numbers, ref codes);
        }
        int sum = 0;
        for (int i = 0; i < 16; i += 4)
        {
            sum += Store(Numbers(ref Unsafe.Add(ref values, i), inverse), ref Unsafe.Add(ref codes, i));
        }
        return sum;
    }

    /// <summary>Two digits of 16 values: <c>value · inverse ≈ 255 · high + low</c>.</summary>
    /// <returns>The sums of the digits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int High, int Low) Two(ref float values, float inverse, ref sbyte high, ref sbyte low)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<int> numbers = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.LoadUnsafe(ref values) * Vector512.Create(inverse)));
            Vector512<int> digits = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.ConvertToSingle(numbers) * Vector512.Create(1f / 255f)));
            return (Store(digits, ref high), Store(numbers - digits * 255, ref low));
        }
        int highs = 0, lows = 0;
        for (int i = 0; i < 16; i += 4)
        {
            Vector128<int> numbers = Numbers(ref Unsafe.Add(ref values, i), inverse);
            Vector128<int> digits = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.ConvertToSingle(numbers) * Vector128.Create(1f / 255f)));
            highs += Store(digits, ref Unsafe.Add(ref high, i));
            lows += Store(numbers - digits * 255, ref Unsafe.Add(ref low, i));
        }
        return (highs, lows);
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
    private static Vector128<int> Numbers(ref float values, float inverse)
        => Vector128.ConvertToInt32Native(Vector128.Round(Vector128.LoadUnsafe(ref values) * Vector128.Create(inverse)));

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
