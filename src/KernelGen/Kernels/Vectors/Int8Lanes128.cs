using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>Four rows; also where vectors are done in software.</summary>
internal struct Int8Lanes128 : IInt8Lanes<Int8Lanes128>
{
    // set by initialisers, as a constructor is one more call to inline and the JIT's budget for those is small
    private Vector128<byte> _v;

    /// <inheritdoc/>
    public static int Rows => 4;

    /// <inheritdoc/>
    public static Int8Lanes128 Zero => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Bytes(ref byte source, nuint offset) => new() { _v = Vector128.LoadUnsafe(ref source, offset) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 LowNibbles(ref byte source, nuint offset) =>
        new() { _v = Vector128.LoadUnsafe(ref source, offset) & Vector128.Create((byte)0x0F) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 HighNibbles(ref byte source, nuint offset) =>
        new() { _v = (Vector128.LoadUnsafe(ref source, offset).AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)0x0F) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Table(ReadOnlySpan<byte> table) => new() { _v = Vector128.Create(table) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Lookup(Int8Lanes128 table, Int8Lanes128 nibbles) => new() { _v = Vector128.Shuffle(table._v, nibbles._v) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Chain(Int8Lanes128 w0, Int8Lanes128 w1, Int8Lanes128 w2, Int8Lanes128 w3, ref sbyte x) =>
        new()
        {
            _v = (
                Pairs(w0._v, Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte())
                + Pairs(w1._v, Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte())
                + Pairs(w2._v, Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte())
                + Pairs(w3._v, Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte())
            ).AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 ChainOn(
        Int8Lanes128 sums,
        Int8Lanes128 w0,
        Int8Lanes128 w1,
        Int8Lanes128 w2,
        Int8Lanes128 w3,
        ref sbyte x
    ) =>
        new()
        {
            _v = (
                sums._v.AsInt16()
                + Pairs(w0._v, Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte())
                + Pairs(w1._v, Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte())
                + Pairs(w2._v, Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte())
                + Pairs(w3._v, Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte())
            ).AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ChainBoth(
        Int8Lanes128 w0,
        Int8Lanes128 w1,
        Int8Lanes128 w2,
        Int8Lanes128 w3,
        Int8Lanes128 u0,
        Int8Lanes128 u1,
        Int8Lanes128 u2,
        Int8Lanes128 u3,
        ref sbyte x,
        out Int8Lanes128 first,
        out Int8Lanes128 second
    ) => (first, second) = (Chain(w0, w1, w2, w3, ref x), Chain(u0, u1, u2, u3, ref x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Twos(Int8Lanes128 w0, Int8Lanes128 w1, Int8Lanes128 w2, Int8Lanes128 w3, ref sbyte x) =>
        new()
        {
            _v = (
                Neighbours(
                    Pairs(w0._v, Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte())
                        + Pairs(
                            w1._v,
                            Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte()
                        )
                )
                + Neighbours(
                    Pairs(
                        w2._v,
                        Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte()
                    )
                        + Pairs(
                            w3._v,
                            Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte()
                        )
                )
            ).AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Ones(Int8Lanes128 w0, Int8Lanes128 w1, Int8Lanes128 w2, Int8Lanes128 w3, ref sbyte x) =>
        new()
        {
            _v = (
                Neighbours(Pairs(w0._v, Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte()))
                + Neighbours(
                    Pairs(
                        w1._v,
                        Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte()
                    )
                )
                + Neighbours(
                    Pairs(
                        w2._v,
                        Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte()
                    )
                )
                + Neighbours(
                    Pairs(
                        w3._v,
                        Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte()
                    )
                )
            ).AsByte(),
        };

    /// <inheritdoc/>
    public static int SignedBias => 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Biased(Int8Lanes128 weights) => weights;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Signed(Int8Lanes128 w0, Int8Lanes128 w1, Int8Lanes128 w2, Int8Lanes128 w3, ref sbyte x) =>
        new()
        {
            _v = (
                SignedQuad(w0._v, ref x)
                + SignedQuad(w1._v, ref Unsafe.Add(ref x, 4))
                + SignedQuad(w2._v, ref Unsafe.Add(ref x, 8))
                + SignedQuad(w3._v, ref Unsafe.Add(ref x, 12))
            ).AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 SignedOn(
        Int8Lanes128 sums,
        Int8Lanes128 w0,
        Int8Lanes128 w1,
        Int8Lanes128 w2,
        Int8Lanes128 w3,
        ref sbyte x
    ) => Add(sums, Signed(w0, w1, w2, w3, ref x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 AddShorts(Int8Lanes128 a, Int8Lanes128 b) => new() { _v = (a._v.AsInt16() + b._v.AsInt16()).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Widen(Int8Lanes128 sums) => new() { _v = Neighbours(sums._v.AsInt16()).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Add(Int8Lanes128 a, Int8Lanes128 b) => new() { _v = (a._v.AsInt32() + b._v.AsInt32()).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Integers(ref float bits) => new() { _v = Vector128.Create(bits).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Halves(ref byte source, nuint index) => new() { _v = FloatLanes128.Halves(ref source, index).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Floats(ref float source, nuint index) => new() { _v = Vector128.LoadUnsafe(ref source, index).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Accumulate(Int8Lanes128 sum, Int8Lanes128 dot, Int8Lanes128 scale, ref float activation) =>
        new()
        {
            _v = Vector128
                .MultiplyAddEstimate(
                    Vector128.ConvertToSingle(dot._v.AsInt32()),
                    scale._v.AsSingle() * Vector128.Create(activation),
                    sum._v.AsSingle()
                )
                .AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 Accumulate(
        Int8Lanes128 sum,
        Int8Lanes128 dot,
        Int8Lanes128 scale,
        ref float activation,
        ref float correction
    ) =>
        new()
        {
            _v = Vector128
                .MultiplyAddEstimate(
                    Vector128.MultiplyAddEstimate(
                        Vector128.ConvertToSingle(dot._v.AsInt32()),
                        Vector128.Create(activation),
                        Vector128.Create(correction)
                    ),
                    scale._v.AsSingle(),
                    sum._v.AsSingle()
                )
                .AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 AddScaled(Int8Lanes128 sum, Int8Lanes128 a, ref float factor) =>
        new() { _v = Vector128.MultiplyAddEstimate(a._v.AsSingle(), Vector128.Create(factor), sum._v.AsSingle()).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Int8Lanes128 a, float factor, ref float target, nuint index) =>
        (a._v.AsSingle() * Vector128.Create(factor)).StoreUnsafe(ref target, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Int8Lanes128 a, ref float target, nuint index) => a._v.AsSingle().StoreUnsafe(ref target, index);

    /// <summary>The weight's sign moves to the activation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> SignedQuad(Vector128<byte> weights, ref sbyte x)
    {
        Vector128<sbyte> signed = weights.AsSByte(),
            quad = Vector128.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte();
        Vector128<sbyte> moved = Vector128.ConditionalSelect(Vector128.LessThan(signed, Vector128<sbyte>.Zero), -quad, quad);
        return Neighbours(Pairs(Vector128.Abs(signed).AsByte(), moved));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Pairs(Vector128<byte> weights, Vector128<sbyte> activations)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.MultiplyAddAdjacent(weights, activations);
        }
        // even and odd bytes apart: the products fit 16 bits, and so do their sums
        Vector128<short> even = (weights.AsUInt16() & Vector128.Create((ushort)0xFF)).AsInt16() * (activations.AsInt16() << 8 >> 8);
        return even + (weights.AsUInt16() >>> 8).AsInt16() * (activations.AsInt16() >> 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Neighbours(Vector128<short> sums) =>
        Sse2.IsSupported ? Sse2.MultiplyAddAdjacent(sums, Vector128<short>.One) : (sums.AsInt32() << 16 >> 16) + (sums.AsInt32() >> 16);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes128 AddFloats(Int8Lanes128 a, Int8Lanes128 b) => new() { _v = (a._v.AsSingle() + b._v.AsSingle()).AsByte() };
}
