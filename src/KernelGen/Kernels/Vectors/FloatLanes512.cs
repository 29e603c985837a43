using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>Sixteen floats.</summary>
internal readonly struct FloatLanes512 : ICodeLanes<Vector512<float>>
{
    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref float source, nuint offset) => Vector512.LoadUnsafe(ref source, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, ref float target, nuint offset) => value.StoreUnsafe(ref target, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.FusedMultiplyAdd(a, b, c);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Estimate(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.MultiplyAddEstimate(a, b, c);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> vector) => Vector512.Sum(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Bits(ref byte source) => Vector512.LoadUnsafe(ref source).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Nibble(Vector512<float> levels, ref float table, Vector512<float> bits, int shift) =>
        Avx512F.PermuteVar16x32(levels, bits.AsInt32() >>> shift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Byte(Vector512<float> bits, int index, bool signed) =>
        Vector512.ConvertToSingle(
            signed ? bits.AsInt32() << (24 - 8 * index) >> 24
            : index == 3 ? bits.AsInt32() >>> 24
            : bits.AsInt32() >>> (8 * index) & Vector512.Create(255)
        );

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SmallFloat(Vector512<float> bits, int index, int exponent, int bias)
    {
        Vector512<int> top = bits.AsInt32() << (24 - 8 * index);
        return Signed((top & Vector512.Create(0x7F000000)) >>> (8 - exponent), top, bias);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Float16(ref byte source, nuint index)
    {
        Vector512<int> bits = Lanes512.Words(ref source, (int)index),
            magnitude = (bits & Vector512.Create(0x7FFF)) << 13;
        Vector512<int> nonFinite = Vector512.GreaterThan(magnitude, Vector512.Create((0x7C00 << 13) - 1)) & Vector512.Create(0x7F800000);
        return (Signed(magnitude, bits << 16, 15).AsInt32() | nonFinite).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> BFloat16(ref byte source, nuint index) => (Lanes512.Words(ref source, (int)index) << 16).AsSingle();

    /// <summary>Exponent and mantissa at their places in binary32, under another bias, and a sign in the highest bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Signed(Vector512<int> magnitude, Vector512<int> sign, int bias)
    {
        // with an exponent of 0 the leading one is not there: 2·(1 + m) − 2 units are m, and of all other numbers this is the larger one
        Vector512<float> normal = (magnitude + Vector512.Create((127 - bias) << 23)).AsSingle();
        Vector512<float> value = Vector512.MinNative(
            normal,
            Vector512.MultiplyAddEstimate(
                normal,
                Vector512.Create(2f),
                Vector512.Create(-BitConverter.Int32BitsToSingle((128 - bias) << 23))
            )
        );
        return (value.AsInt32() | sign & Vector512.Create(int.MinValue)).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Halves(ref byte source, nuint index) => Lanes512.Halves(ref source, index);
}
