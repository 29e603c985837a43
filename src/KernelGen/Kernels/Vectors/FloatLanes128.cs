using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Vectors;

/// <summary>Four floats.</summary>
internal readonly struct FloatLanes128 : ICodeLanes<Vector128<float>>
{
    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(ref float source, nuint offset) => Vector128.LoadUnsafe(ref source, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, ref float target, nuint offset) => value.StoreUnsafe(ref target, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.FusedMultiplyAdd(a, b, c);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Estimate(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.MultiplyAddEstimate(a, b, c);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> vector) => Vector128.Sum(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Bits(ref byte source) => Vector128.LoadUnsafe(ref source).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Nibble(Vector128<float> levels, ref float table, Vector128<float> bits, int shift) =>
        Lanes128.Lookup16(ref table, (bits.AsInt32() >>> shift) & Vector128.Create(15));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Byte(Vector128<float> bits, int index, bool signed) =>
        Vector128.ConvertToSingle(
            signed ? bits.AsInt32() << (24 - 8 * index) >> 24
            : index == 3 ? bits.AsInt32() >>> 24
            : bits.AsInt32() >>> (8 * index) & Vector128.Create(255)
        );

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SmallFloat(Vector128<float> bits, int index, int exponent, int bias)
    {
        Vector128<int> top = bits.AsInt32() << (24 - 8 * index);
        return Signed((top & Vector128.Create(0x7F000000)) >>> (8 - exponent), top, bias);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Float16(ref byte source, nuint index)
    {
        Vector128<int> bits = Lanes128.Words(ref source, (int)index),
            magnitude = (bits & Vector128.Create(0x7FFF)) << 13;
        Vector128<int> nonFinite = Vector128.GreaterThan(magnitude, Vector128.Create((0x7C00 << 13) - 1)) & Vector128.Create(0x7F800000);
        return (Signed(magnitude, bits << 16, 15).AsInt32() | nonFinite).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> BFloat16(ref byte source, nuint index) => (Lanes128.Words(ref source, (int)index) << 16).AsSingle();

    /// <summary>Exponent and mantissa at their places in binary32, under another bias, and a sign in the highest bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Signed(Vector128<int> magnitude, Vector128<int> sign, int bias)
    {
        // with an exponent of 0 the leading one is not there: 2·(1 + m) − 2 units are m, and of all other numbers this is the larger one
        Vector128<float> normal = (magnitude + Vector128.Create((127 - bias) << 23)).AsSingle();
        Vector128<float> value = Vector128.MinNative(
            normal,
            Vector128.MultiplyAddEstimate(
                normal,
                Vector128.Create(2f),
                Vector128.Create(-BitConverter.Int32BitsToSingle((128 - bias) << 23))
            )
        );
        return (value.AsInt32() | sign & Vector128.Create(int.MinValue)).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Halves(ref byte source, nuint index)
    {
        // sign, exponent and mantissa move to their places in binary32 together, 2^112 mends the bias
        Vector128<int> bits = Vector128.WidenLower(
            Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, index * 2))).AsInt16()
        );
        return (bits << 13 & Vector128.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector128.Create(5.192296858534828e33f);
    }
}
