using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelGen;

/// <summary>One lane: scalar code, the reference of the wider ones.</summary>
internal readonly struct Lanes32 : ILanes<Lanes32>
{
    private readonly uint _v;

    private Lanes32(uint v) => _v = v;

    private Lanes32(float v) => _v = BitConverter.SingleToUInt32Bits(v);

    private float F => BitConverter.UInt32BitsToSingle(_v);

    /// <inheritdoc/>
    public static int Count => 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Float(float value) => new(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Int(uint value) => new(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Load(ref float source, nuint offset) => new(Unsafe.Add(ref source, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Load(ref uint source, nuint offset) => new(Unsafe.Add(ref source, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes32 value, ref float target, nuint offset) => Unsafe.Add(ref target, offset) = value.F;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes32 value, ref uint target, nuint offset) => Unsafe.Add(ref target, offset) = value._v;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes32 value, ref byte target, nuint offset) => Unsafe.Add(ref target, offset) = (byte)value._v;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 LoadPermuted(ref float source, nuint offset, Lanes32 index) => new(Unsafe.Add(ref source, offset + index._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Lookup16(ref float table, Lanes32 index) => new(Unsafe.Add(ref table, index._v & 15));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 PickBytes(Vector128<byte> bytes, Lanes32 byteIndex) => new(
        bytes.GetElement((int)(byteIndex._v & 15)) | (uint)bytes.GetElement((int)(byteIndex._v >> 8 & 15)) << 8
        | (uint)bytes.GetElement((int)(byteIndex._v >> 16 & 15)) << 16 | (uint)bytes.GetElement((int)(byteIndex._v >> 24 & 15)) << 24);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Add(Lanes32 a, Lanes32 b) => new(a.F + b.F);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Subtract(Lanes32 a, Lanes32 b) => new(a.F - b.F);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Multiply(Lanes32 a, Lanes32 b) => new(a.F * b.F);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Fused(Lanes32 a, Lanes32 b, Lanes32 c) => new(MathF.FusedMultiplyAdd(a.F, b.F, c.F));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Min(Lanes32 a, Lanes32 b) => a.F < b.F ? a : b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 SelectLess(Lanes32 a, Lanes32 b, Lanes32 x, Lanes32 y) => a.F < b.F ? x : y;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyLess(Lanes32 a, Lanes32 b) => a.F < b.F;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 AddInt(Lanes32 a, Lanes32 b) => new(a._v + b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 SubtractInt(Lanes32 a, Lanes32 b) => new(a._v - b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 MultiplyInt(Lanes32 a, Lanes32 b) => new(a._v * b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 AbsInt(Lanes32 a) => new((int)a._v < 0 ? 0u - a._v : a._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 ToFloat(Lanes32 a) => new((float)(int)a._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 And(Lanes32 a, Lanes32 b) => new(a._v & b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Xor(Lanes32 a, Lanes32 b) => new(a._v ^ b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 ShiftRight(Lanes32 a, int count) => new(a._v >> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 ShiftRight(Lanes32 a, Lanes32 count) => new(a._v >> (int)count._v);
}
