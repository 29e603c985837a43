using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>Eight lanes.</summary>
internal readonly struct Simd256 : ISimd<Simd256>
{
    private readonly Vector256<uint> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Simd256(Vector256<uint> v) => _v = v;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Float(float value) => new(Vector256.Create(value).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Int(uint value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Load(ref float source, nuint offset) => new(Vector256.LoadUnsafe(ref source, offset).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Load(ref uint source, nuint offset) => new(Vector256.LoadUnsafe(ref source, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd256 value, ref float target, nuint offset) => value._v.AsSingle().StoreUnsafe(ref target, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd256 value, ref uint target, nuint offset) => value._v.StoreUnsafe(ref target, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd256 value, ref byte target, nuint offset)
    {
        Vector128<ushort> words = Vector128.Narrow(
            value._v.GetLower() & Vector128.Create(0xFFu),
            value._v.GetUpper() & Vector128.Create(0xFFu)
        );
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, offset), Vector128.Narrow(words, words).AsUInt64().ToScalar());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 LoadPermuted(ref float source, nuint offset, Simd256 index)
    {
        Vector256<float> values = Vector256.LoadUnsafe(ref source, offset);
        return Avx2.IsSupported
            ? new(Avx2.PermuteVar8x32(values, index._v.AsInt32()).AsUInt32())
            : new(Vector256.Shuffle(values, index._v.AsInt32()).AsUInt32());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Lookup16(ref float table, Simd256 index)
    {
        if (Avx2.IsSupported)
        {
            // Two tables of eight; bit 3 of the index, moved to the sign, chooses between them.
            Vector256<float> low = Avx2.PermuteVar8x32(Vector256.LoadUnsafe(ref table), index._v.AsInt32());
            Vector256<float> high = Avx2.PermuteVar8x32(Vector256.LoadUnsafe(ref table, 8), index._v.AsInt32());
            return new(Avx.BlendVariable(low, high, (index._v << 28).AsSingle()).AsUInt32());
        }
        Vector256<uint> entry = index._v & Vector256.Create(15u);
        return new(Vector256.Create(Simd128.Lookup(ref table, entry.GetLower()), Simd128.Lookup(ref table, entry.GetUpper())));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 PickBytes(Vector128<byte> bytes, Simd256 byteIndex)
    {
        return Avx2.IsSupported
            ? new(Avx2.Shuffle(Vector256.Create(bytes), byteIndex._v.AsByte()).AsUInt32())
            : new(Vector256.Create(Simd128.Pick(bytes, byteIndex._v.GetLower()), Simd128.Pick(bytes, byteIndex._v.GetUpper())));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Add(Simd256 a, Simd256 b) => new((a._v.AsSingle() + b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Subtract(Simd256 a, Simd256 b) => new((a._v.AsSingle() - b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Multiply(Simd256 a, Simd256 b) => new((a._v.AsSingle() * b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Divide(Simd256 a, Simd256 b) => new((a._v.AsSingle() / b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Fused(Simd256 a, Simd256 b, Simd256 c) =>
        new(Vector256.FusedMultiplyAdd(a._v.AsSingle(), b._v.AsSingle(), c._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Min(Simd256 a, Simd256 b) => new(Vector256.MinNative(a._v.AsSingle(), b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 SelectLess(Simd256 a, Simd256 b, Simd256 x, Simd256 y) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(a._v.AsSingle(), b._v.AsSingle()).AsUInt32(), x._v, y._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyLess(Simd256 a, Simd256 b) => Vector256.LessThanAny(a._v.AsSingle(), b._v.AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 AddInt(Simd256 a, Simd256 b) => new(a._v + b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 SubtractInt(Simd256 a, Simd256 b) => new(a._v - b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 MultiplyInt(Simd256 a, Simd256 b) => new(a._v * b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 AbsInt(Simd256 a) => new(Vector256.Abs(a._v.AsInt32()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 ToFloat(Simd256 a) => new(Vector256.ConvertToSingle(a._v.AsInt32()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 And(Simd256 a, Simd256 b) => new(a._v & b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Xor(Simd256 a, Simd256 b) => new(a._v ^ b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 XorMasked(Simd256 a, Simd256 b, Simd256 mask) =>
        new(Avx512F.VL.IsSupported ? Avx512F.VL.TernaryLogic(a._v, b._v, mask._v, 0x78) : a._v ^ b._v & mask._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 ShiftRight(Simd256 a, int count) => new(a._v >>> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 ShiftRight(Simd256 a, Simd256 count) =>
        Avx2.IsSupported
            ? new(Avx2.ShiftRightLogicalVariable(a._v, count._v))
            : new(
                Vector256.Create(Simd128.Shift(a._v.GetLower(), count._v.GetLower()), Simd128.Shift(a._v.GetUpper(), count._v.GetUpper()))
            );
}
