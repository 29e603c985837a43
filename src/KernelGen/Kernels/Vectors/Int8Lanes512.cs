using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>Sixteen rows.</summary>
internal struct Int8Lanes512 : IInt8Lanes<Int8Lanes512>
{
    // set by initialisers, as a constructor is one more call to inline and the JIT's budget for those is small
    private Vector512<byte> _v;

    /// <inheritdoc/>
    public static int Rows => 16;

    /// <inheritdoc/>
    public static Int8Lanes512 Zero => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Bytes(ref byte source, nuint offset) => new() { _v = Vector512.LoadUnsafe(ref source, offset) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 LowNibbles(ref byte source, nuint offset) =>
        new() { _v = Vector512.LoadUnsafe(ref source, offset) & Vector512.Create((byte)0x0F) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 HighNibbles(ref byte source, nuint offset) =>
        new() { _v = (Vector512.LoadUnsafe(ref source, offset).AsUInt16() >>> 4).AsByte() & Vector512.Create((byte)0x0F) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Table(ReadOnlySpan<byte> table) =>
        new()
        {
            _v = Vector512.Create(
                Vector256.Create(Vector128.Create(table), Vector128.Create(table)),
                Vector256.Create(Vector128.Create(table), Vector128.Create(table))
            ),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Lookup(Int8Lanes512 table, Int8Lanes512 nibbles) => new() { _v = Avx512BW.Shuffle(table._v, nibbles._v) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Chain(Int8Lanes512 w0, Int8Lanes512 w1, Int8Lanes512 w2, Int8Lanes512 w3, ref sbyte x) =>
        new()
        {
            _v = (
                Avx512BW.MultiplyAddAdjacent(
                    w0._v,
                    Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte()
                )
                + Avx512BW.MultiplyAddAdjacent(
                    w1._v,
                    Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte()
                )
                + Avx512BW.MultiplyAddAdjacent(
                    w2._v,
                    Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte()
                )
                + Avx512BW.MultiplyAddAdjacent(
                    w3._v,
                    Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte()
                )
            ).AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 ChainOn(
        Int8Lanes512 sums,
        Int8Lanes512 w0,
        Int8Lanes512 w1,
        Int8Lanes512 w2,
        Int8Lanes512 w3,
        ref sbyte x
    ) =>
        new()
        {
            _v = (
                sums._v.AsInt16()
                + Avx512BW.MultiplyAddAdjacent(
                    w0._v,
                    Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte()
                )
                + Avx512BW.MultiplyAddAdjacent(
                    w1._v,
                    Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte()
                )
                + Avx512BW.MultiplyAddAdjacent(
                    w2._v,
                    Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte()
                )
                + Avx512BW.MultiplyAddAdjacent(
                    w3._v,
                    Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte()
                )
            ).AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ChainBoth(
        Int8Lanes512 w0,
        Int8Lanes512 w1,
        Int8Lanes512 w2,
        Int8Lanes512 w3,
        Int8Lanes512 u0,
        Int8Lanes512 u1,
        Int8Lanes512 u2,
        Int8Lanes512 u3,
        ref sbyte x,
        out Int8Lanes512 first,
        out Int8Lanes512 second
    )
    {
        // one after the other: each activation is spread once and meets both blocks while the last products are added
        Vector512<sbyte> x0 = Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte();
        Vector512<short> a = Avx512BW.MultiplyAddAdjacent(w0._v, x0),
            b = Avx512BW.MultiplyAddAdjacent(u0._v, x0);
        Vector512<sbyte> x1 = Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte();
        a += Avx512BW.MultiplyAddAdjacent(w1._v, x1);
        b += Avx512BW.MultiplyAddAdjacent(u1._v, x1);
        Vector512<sbyte> x2 = Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte();
        a += Avx512BW.MultiplyAddAdjacent(w2._v, x2);
        b += Avx512BW.MultiplyAddAdjacent(u2._v, x2);
        Vector512<sbyte> x3 = Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte();
        a += Avx512BW.MultiplyAddAdjacent(w3._v, x3);
        b += Avx512BW.MultiplyAddAdjacent(u3._v, x3);
        (first, second) = (new() { _v = a.AsByte() }, new() { _v = b.AsByte() });
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Twos(Int8Lanes512 w0, Int8Lanes512 w1, Int8Lanes512 w2, Int8Lanes512 w3, ref sbyte x) =>
        new()
        {
            _v = (
                Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.MultiplyAddAdjacent(
                        w0._v,
                        Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte()
                    )
                        + Avx512BW.MultiplyAddAdjacent(
                            w1._v,
                            Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte()
                        ),
                    Vector512<short>.One
                )
                + Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.MultiplyAddAdjacent(
                        w2._v,
                        Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte()
                    )
                        + Avx512BW.MultiplyAddAdjacent(
                            w3._v,
                            Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte()
                        ),
                    Vector512<short>.One
                )
            ).AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Ones(Int8Lanes512 w0, Int8Lanes512 w1, Int8Lanes512 w2, Int8Lanes512 w3, ref sbyte x) =>
        new()
        {
            _v = (
                Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.MultiplyAddAdjacent(
                        w0._v,
                        Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte()
                    ),
                    Vector512<short>.One
                )
                + Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.MultiplyAddAdjacent(
                        w1._v,
                        Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte()
                    ),
                    Vector512<short>.One
                )
                + Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.MultiplyAddAdjacent(
                        w2._v,
                        Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte()
                    ),
                    Vector512<short>.One
                )
                + Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.MultiplyAddAdjacent(
                        w3._v,
                        Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte()
                    ),
                    Vector512<short>.One
                )
            ).AsByte(),
        };

    /// <inheritdoc/>
    public static int SignedBias => 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Biased(Int8Lanes512 weights) => weights;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Signed(Int8Lanes512 w0, Int8Lanes512 w1, Int8Lanes512 w2, Int8Lanes512 w3, ref sbyte x) =>
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
    public static Int8Lanes512 SignedOn(
        Int8Lanes512 sums,
        Int8Lanes512 w0,
        Int8Lanes512 w1,
        Int8Lanes512 w2,
        Int8Lanes512 w3,
        ref sbyte x
    ) => Add(sums, Signed(w0, w1, w2, w3, ref x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 AddShorts(Int8Lanes512 a, Int8Lanes512 b) => new() { _v = (a._v.AsInt16() + b._v.AsInt16()).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Widen(Int8Lanes512 sums) =>
        new() { _v = Avx512BW.MultiplyAddAdjacent(sums._v.AsInt16(), Vector512<short>.One).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Add(Int8Lanes512 a, Int8Lanes512 b) => new() { _v = (a._v.AsInt32() + b._v.AsInt32()).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Integers(ref float bits) => new() { _v = Vector512.Create(bits).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Halves(ref byte source, nuint index) => new() { _v = Lanes512.Halves(ref source, index).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Floats(ref float source, nuint index) => new() { _v = Vector512.LoadUnsafe(ref source, index).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Accumulate(Int8Lanes512 sum, Int8Lanes512 dot, Int8Lanes512 scale, ref float activation) =>
        new()
        {
            _v = Vector512
                .MultiplyAddEstimate(
                    Vector512.ConvertToSingle(dot._v.AsInt32()),
                    scale._v.AsSingle() * Vector512.Create(activation),
                    sum._v.AsSingle()
                )
                .AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 Accumulate(
        Int8Lanes512 sum,
        Int8Lanes512 dot,
        Int8Lanes512 scale,
        ref float activation,
        ref float correction
    ) =>
        new()
        {
            _v = Vector512
                .MultiplyAddEstimate(
                    Vector512.MultiplyAddEstimate(
                        Vector512.ConvertToSingle(dot._v.AsInt32()),
                        Vector512.Create(activation),
                        Vector512.Create(correction)
                    ),
                    scale._v.AsSingle(),
                    sum._v.AsSingle()
                )
                .AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 AddScaled(Int8Lanes512 sum, Int8Lanes512 a, ref float factor) =>
        new() { _v = Vector512.MultiplyAddEstimate(a._v.AsSingle(), Vector512.Create(factor), sum._v.AsSingle()).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Int8Lanes512 a, float factor, ref float target, nuint index) =>
        (a._v.AsSingle() * Vector512.Create(factor)).StoreUnsafe(ref target, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Int8Lanes512 a, ref float target, nuint index) => a._v.AsSingle().StoreUnsafe(ref target, index);

    /// <summary>The weight's sign moves to the activation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> SignedQuad(Vector512<byte> weights, ref sbyte x)
    {
        Vector512<sbyte> signed = weights.AsSByte(),
            quad = Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte();
        Vector512<sbyte> moved = Vector512.ConditionalSelect(Vector512.LessThan(signed, Vector512<sbyte>.Zero), -quad, quad);
        return Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Abs(signed).AsByte(), moved), Vector512<short>.One);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes512 AddFloats(Int8Lanes512 a, Int8Lanes512 b) => new() { _v = (a._v.AsSingle() + b._v.AsSingle()).AsByte() };
}
