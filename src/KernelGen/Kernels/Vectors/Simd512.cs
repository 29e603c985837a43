using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>Sixteen lanes.</summary>
internal readonly struct Simd512 : ISimd<Simd512>
{
    private readonly Vector512<uint> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Simd512(Vector512<uint> v) => _v = v;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Float(float value) => new(Vector512.Create(value).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Int(uint value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Load(ref float source, nuint offset) => new(Vector512.LoadUnsafe(ref source, offset).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Load(ref uint source, nuint offset) => new(Vector512.LoadUnsafe(ref source, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd512 value, ref float target, nuint offset) => value._v.AsSingle().StoreUnsafe(ref target, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd512 value, ref uint target, nuint offset) => value._v.StoreUnsafe(ref target, offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd512 value, ref byte target, nuint offset)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128Byte(value._v).StoreUnsafe(ref target, offset);
        }
        else
        {
            Vector256<ushort> words = Vector256.Narrow(
                value._v.GetLower() & Vector256.Create(0xFFu),
                value._v.GetUpper() & Vector256.Create(0xFFu)
            );
            Vector128.Narrow(words.GetLower(), words.GetUpper()).StoreUnsafe(ref target, offset);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 LoadPermuted(ref float source, nuint offset, Simd512 index)
    {
        Vector512<float> values = Vector512.LoadUnsafe(ref source, offset);
        return Avx512F.IsSupported
            ? new(Avx512F.PermuteVar16x32(values, index._v.AsInt32()).AsUInt32())
            : new(Vector512.Shuffle(values, index._v.AsInt32()).AsUInt32());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Lookup16(ref float table, Simd512 index)
    {
        Vector512<float> values = Vector512.LoadUnsafe(ref table);
        return Avx512F.IsSupported
            ? new(Avx512F.PermuteVar16x32(values, index._v.AsInt32()).AsUInt32())
            : new(Vector512.Shuffle(values, (index._v & Vector512.Create(15u)).AsInt32()).AsUInt32());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 PickBytes(Vector128<byte> bytes, Simd512 byteIndex)
    {
        if (Avx512BW.IsSupported)
        {
            // Vector512.Create(bytes) is a chain of insertions into the vector of the iteration before.
            Vector512<ulong> spread = bytes.AsUInt64().ToVector256Unsafe().ToVector512Unsafe();
            return new(Avx512BW.Shuffle(Avx512F.Shuffle4x128(spread, spread, 0).AsByte(), byteIndex._v.AsByte()).AsUInt32());
        }
        return new(
            Vector512.Create(
                Vector256.Create(
                    Simd128.Pick(bytes, byteIndex._v.GetLower().GetLower()),
                    Simd128.Pick(bytes, byteIndex._v.GetLower().GetUpper())
                ),
                Vector256.Create(
                    Simd128.Pick(bytes, byteIndex._v.GetUpper().GetLower()),
                    Simd128.Pick(bytes, byteIndex._v.GetUpper().GetUpper())
                )
            )
        );
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Add(Simd512 a, Simd512 b) => new((a._v.AsSingle() + b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Subtract(Simd512 a, Simd512 b) => new((a._v.AsSingle() - b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Multiply(Simd512 a, Simd512 b) => new((a._v.AsSingle() * b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Divide(Simd512 a, Simd512 b) => new((a._v.AsSingle() / b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Fused(Simd512 a, Simd512 b, Simd512 c) =>
        new(Vector512.FusedMultiplyAdd(a._v.AsSingle(), b._v.AsSingle(), c._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Min(Simd512 a, Simd512 b) => new(Vector512.MinNative(a._v.AsSingle(), b._v.AsSingle()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 SelectLess(Simd512 a, Simd512 b, Simd512 x, Simd512 y) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(a._v.AsSingle(), b._v.AsSingle()).AsUInt32(), x._v, y._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyLess(Simd512 a, Simd512 b) => Vector512.LessThanAny(a._v.AsSingle(), b._v.AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 AddInt(Simd512 a, Simd512 b) => new(a._v + b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 SubtractInt(Simd512 a, Simd512 b) => new(a._v - b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 MultiplyInt(Simd512 a, Simd512 b) => new(a._v * b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 AbsInt(Simd512 a) => new(Vector512.Abs(a._v.AsInt32()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 ToFloat(Simd512 a) => new(Vector512.ConvertToSingle(a._v.AsInt32()).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 And(Simd512 a, Simd512 b) => new(a._v & b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Xor(Simd512 a, Simd512 b) => new(a._v ^ b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 XorMasked(Simd512 a, Simd512 b, Simd512 mask) =>
        new(Avx512F.IsSupported ? Avx512F.TernaryLogic(a._v, b._v, mask._v, 0x78) : a._v ^ b._v & mask._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 ShiftRight(Simd512 a, int count) => new(a._v >>> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 ShiftRight(Simd512 a, Simd512 count) =>
        Avx512F.IsSupported
            ? new(Avx512F.ShiftRightLogicalVariable(a._v, count._v))
            : new(
                Vector512.Create(
                    Vector256.Create(
                        Simd128.Shift(a._v.GetLower().GetLower(), count._v.GetLower().GetLower()),
                        Simd128.Shift(a._v.GetLower().GetUpper(), count._v.GetLower().GetUpper())
                    ),
                    Vector256.Create(
                        Simd128.Shift(a._v.GetUpper().GetLower(), count._v.GetUpper().GetLower()),
                        Simd128.Shift(a._v.GetUpper().GetUpper(), count._v.GetUpper().GetUpper())
                    )
                )
            );
}
