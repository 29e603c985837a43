using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Vectors;

/// <summary>One lane: scalar code, the reference of the wider ones.</summary>
internal readonly struct Simd32 : ISimd<Simd32>
{
    private readonly uint _v;

    private Simd32(uint v) => _v = v;

    private Simd32(float v) => _v = BitConverter.SingleToUInt32Bits(v);

    private float F => BitConverter.UInt32BitsToSingle(_v);

    /// <inheritdoc/>
    public static int Count => 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Float(float value) => new(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Int(uint value) => new(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Load(ref float source, nuint offset) => new(Unsafe.Add(ref source, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Load(ref uint source, nuint offset) => new(Unsafe.Add(ref source, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd32 value, ref float target, nuint offset) => Unsafe.Add(ref target, offset) = value.F;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd32 value, ref uint target, nuint offset) => Unsafe.Add(ref target, offset) = value._v;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd32 value, ref byte target, nuint offset) => Unsafe.Add(ref target, offset) = (byte)value._v;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 LoadPermuted(ref float source, nuint offset, Simd32 index) => new(Unsafe.Add(ref source, offset + index._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Lookup16(ref float table, Simd32 index) => new(Unsafe.Add(ref table, index._v & 15));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 PickBytes(Vector128<byte> bytes, Simd32 byteIndex) =>
        new(
            bytes.GetElement((int)(byteIndex._v & 15))
                | (uint)bytes.GetElement((int)(byteIndex._v >> 8 & 15)) << 8
                | (uint)bytes.GetElement((int)(byteIndex._v >> 16 & 15)) << 16
                | (uint)bytes.GetElement((int)(byteIndex._v >> 24 & 15)) << 24
        );

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Add(Simd32 a, Simd32 b) => new(a.F + b.F);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Subtract(Simd32 a, Simd32 b) => new(a.F - b.F);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Multiply(Simd32 a, Simd32 b) => new(a.F * b.F);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Divide(Simd32 a, Simd32 b) => new(a.F / b.F);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Fused(Simd32 a, Simd32 b, Simd32 c) => new(MathF.FusedMultiplyAdd(a.F, b.F, c.F));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Min(Simd32 a, Simd32 b) => a.F < b.F ? a : b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 SelectLess(Simd32 a, Simd32 b, Simd32 x, Simd32 y) => a.F < b.F ? x : y;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyLess(Simd32 a, Simd32 b) => a.F < b.F;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 AddInt(Simd32 a, Simd32 b) => new(a._v + b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 SubtractInt(Simd32 a, Simd32 b) => new(a._v - b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 MultiplyInt(Simd32 a, Simd32 b) => new(a._v * b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 AbsInt(Simd32 a) => new((int)a._v < 0 ? 0u - a._v : a._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 ToFloat(Simd32 a) => new((float)(int)a._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 And(Simd32 a, Simd32 b) => new(a._v & b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 Xor(Simd32 a, Simd32 b) => new(a._v ^ b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 XorMasked(Simd32 a, Simd32 b, Simd32 mask) => new(a._v ^ b._v & mask._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 ShiftRight(Simd32 a, int count) => new(a._v >> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd32 ShiftRight(Simd32 a, Simd32 count) => new(a._v >> (int)count._v);
}
