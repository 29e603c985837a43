using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>Four lanes.</summary>
internal readonly struct Simd128 : ISimd<Simd128>
{
    private readonly Vector128<uint> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Simd128(Vector128<uint> v) => _v = v;

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Float(float value) => new(Vector128.Create(value).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Int(uint value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Load(ref float source, nuint offset) => new(Vector128.LoadUnsafe(ref source, offset).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Load(ref uint source, nuint offset) => new(Vector128.LoadUnsafe(ref source, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd128 value, ref float target, nuint offset) => value._v.AsSingle().StoreUnsafe(ref target, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd128 value, ref uint target, nuint offset) => value._v.StoreUnsafe(ref target, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd128 value, ref byte target, nuint offset)
    {
        Vector128<ushort> words = Vector128.Narrow(value._v & Vector128.Create(0xFFu), value._v);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, offset), Vector128.Narrow(words, words).AsUInt32().ToScalar());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 LoadPermuted(ref float source, nuint offset, Simd128 index)
    {
        Vector128<byte> floats = Vector128.LoadUnsafe(ref source, offset).AsByte();
        return new(Vector128.ShuffleNative(floats, Lanes128.BytesOf(index._v.AsInt32())).AsUInt32());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Lookup16(ref float table, Simd128 index)
    {
        return new(Lookup(ref table, index._v & Vector128.Create(15u)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 PickBytes(Vector128<byte> bytes, Simd128 byteIndex)
    {
        return new(Pick(bytes, byteIndex._v));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Add(Simd128 a, Simd128 b) => new((a._v.AsSingle() + b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Subtract(Simd128 a, Simd128 b) => new((a._v.AsSingle() - b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Multiply(Simd128 a, Simd128 b) => new((a._v.AsSingle() * b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Divide(Simd128 a, Simd128 b) => new((a._v.AsSingle() / b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Fused(Simd128 a, Simd128 b, Simd128 c) =>
        new(Vector128.FusedMultiplyAdd(a._v.AsSingle(), b._v.AsSingle(), c._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Min(Simd128 a, Simd128 b) => new(Vector128.MinNative(a._v.AsSingle(), b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 SelectLess(Simd128 a, Simd128 b, Simd128 x, Simd128 y) =>
        new(Vector128.ConditionalSelect(Vector128.LessThan(a._v.AsSingle(), b._v.AsSingle()).AsUInt32(), x._v, y._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyLess(Simd128 a, Simd128 b) => Vector128.LessThanAny(a._v.AsSingle(), b._v.AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 AddInt(Simd128 a, Simd128 b) => new(a._v + b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 SubtractInt(Simd128 a, Simd128 b) => new(a._v - b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 MultiplyInt(Simd128 a, Simd128 b) => new(a._v * b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 AbsInt(Simd128 a) => new(Vector128.Abs(a._v.AsInt32()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 ToFloat(Simd128 a) => new(Vector128.ConvertToSingle(a._v.AsInt32()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 And(Simd128 a, Simd128 b) => new(a._v & b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Xor(Simd128 a, Simd128 b) => new(a._v ^ b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 XorMasked(Simd128 a, Simd128 b, Simd128 mask) => new(a._v ^ b._v & mask._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 ShiftRight(Simd128 a, int count) => new(a._v >>> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 ShiftRight(Simd128 a, Simd128 count) => new(Shift(a._v, count._v));

    /// <summary>Four entries of a table of 16 floats, as bits; indices below 16.</summary>
    internal static Vector128<uint> Lookup(ref float table, Vector128<uint> index) =>
        Vector128
            .Create(
                Unsafe.Add(ref table, index.GetElement(0)),
                Unsafe.Add(ref table, index.GetElement(1)),
                Unsafe.Add(ref table, index.GetElement(2)),
                Unsafe.Add(ref table, index.GetElement(3))
            )
            .AsUInt32();

    /// <summary>16 of 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<uint> Pick(Vector128<byte> bytes, Vector128<uint> byteIndex) =>
        Vector128.Shuffle(bytes, byteIndex.AsByte()).AsUInt32();

    /// <summary>Shifts every lane to the right by its own count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<uint> Shift(Vector128<uint> a, Vector128<uint> count)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ShiftRightLogicalVariable(a, count);
        }
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.ShiftLogical(a, -count.AsInt32());
        }
        return Vector128.Create(
            a.GetElement(0) >> (int)count.GetElement(0),
            a.GetElement(1) >> (int)count.GetElement(1),
            a.GetElement(2) >> (int)count.GetElement(2),
            a.GetElement(3) >> (int)count.GetElement(3)
        );
    }
}
