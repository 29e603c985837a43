using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>Eight floats.</summary>
internal readonly struct FloatLanes256 : ICodeLanes<Vector256<float>>
{
    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref float source, nuint offset) => Vector256.LoadUnsafe(ref source, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, ref float target, nuint offset) => value.StoreUnsafe(ref target, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.FusedMultiplyAdd(a, b, c);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Estimate(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.MultiplyAddEstimate(a, b, c);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> vector) => Vector256.Sum(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Bits(ref byte source) => Vector256.LoadUnsafe(ref source).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nibble(Vector256<float> levels, ref float table, Vector256<float> bits, int shift) =>
        Lanes256.Lookup16(ref table, (bits.AsInt32() >>> shift) & Vector256.Create(15));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Byte(Vector256<float> bits, int index, bool signed) =>
        Vector256.ConvertToSingle(
            signed ? bits.AsInt32() << (24 - 8 * index) >> 24
            : index == 3 ? bits.AsInt32() >>> 24
            : bits.AsInt32() >>> (8 * index) & Vector256.Create(255)
        );

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SmallFloat(Vector256<float> bits, int index, int exponent, int bias)
    {
        Vector256<int> top = bits.AsInt32() << (24 - 8 * index);
        return Signed((top & Vector256.Create(0x7F000000)) >>> (8 - exponent), top, bias);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Float16(ref byte source, nuint index)
    {
        Vector256<int> bits = Lanes256.Words(ref source, (int)index),
            magnitude = (bits & Vector256.Create(0x7FFF)) << 13;
        Vector256<int> nonFinite = Vector256.GreaterThan(magnitude, Vector256.Create((0x7C00 << 13) - 1)) & Vector256.Create(0x7F800000);
        return (Signed(magnitude, bits << 16, 15).AsInt32() | nonFinite).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> BFloat16(ref byte source, nuint index) => (Lanes256.Words(ref source, (int)index) << 16).AsSingle();

    /// <summary>Exponent and mantissa at their places in binary32, under another bias, and a sign in the highest bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Signed(Vector256<int> magnitude, Vector256<int> sign, int bias)
    {
        // with an exponent of 0 the leading one is not there: 2·(1 + m) − 2 units are m, and of all other numbers this is the larger one
        Vector256<float> normal = (magnitude + Vector256.Create((127 - bias) << 23)).AsSingle();
        Vector256<float> value = Vector256.MinNative(
            normal,
            Vector256.MultiplyAddEstimate(
                normal,
                Vector256.Create(2f),
                Vector256.Create(-BitConverter.Int32BitsToSingle((128 - bias) << 23))
            )
        );
        return (value.AsInt32() | sign & Vector256.Create(int.MinValue)).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Halves(ref byte source, nuint index)
    {
        // sign, exponent and mantissa move to their places in binary32 together, 2^112 mends the bias
        Vector256<int> bits = Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref source, index * 2).AsInt16());
        return (bits << 13 & Vector256.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector256.Create(5.192296858534828e33f);
    }
}
