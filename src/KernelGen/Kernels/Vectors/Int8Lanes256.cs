using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>Eight rows.</summary>
internal struct Int8Lanes256 : IInt8Lanes<Int8Lanes256>
{
    // set by initialisers, as a constructor is one more call to inline and the JIT's budget for those is small
    private Vector256<byte> _v;

    /// <inheritdoc/>
    public static int Rows => 8;

    /// <inheritdoc/>
    public static Int8Lanes256 Zero => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Bytes(ref byte source, nuint offset) => new() { _v = Vector256.LoadUnsafe(ref source, offset) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 LowNibbles(ref byte source, nuint offset) =>
        new() { _v = Vector256.LoadUnsafe(ref source, offset) & Vector256.Create((byte)0x0F) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 HighNibbles(ref byte source, nuint offset) =>
        new() { _v = (Vector256.LoadUnsafe(ref source, offset).AsUInt16() >>> 4).AsByte() & Vector256.Create((byte)0x0F) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Table(ReadOnlySpan<byte> table) =>
        new() { _v = Vector256.Create(Vector128.Create(table), Vector128.Create(table)) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Lookup(Int8Lanes256 table, Int8Lanes256 nibbles) => new() { _v = Avx2.Shuffle(table._v, nibbles._v) };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Chain(Int8Lanes256 w0, Int8Lanes256 w1, Int8Lanes256 w2, Int8Lanes256 w3, ref sbyte x) =>
        new()
        {
            _v = (
                Avx2.MultiplyAddAdjacent(w0._v, Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte())
                + Avx2.MultiplyAddAdjacent(
                    w1._v,
                    Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte()
                )
                + Avx2.MultiplyAddAdjacent(
                    w2._v,
                    Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte()
                )
                + Avx2.MultiplyAddAdjacent(
                    w3._v,
                    Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte()
                )
            ).AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 ChainOn(
        Int8Lanes256 sums,
        Int8Lanes256 w0,
        Int8Lanes256 w1,
        Int8Lanes256 w2,
        Int8Lanes256 w3,
        ref sbyte x
    ) =>
        new()
        {
            _v = (
                sums._v.AsInt16()
                + Avx2.MultiplyAddAdjacent(w0._v, Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte())
                + Avx2.MultiplyAddAdjacent(
                    w1._v,
                    Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte()
                )
                + Avx2.MultiplyAddAdjacent(
                    w2._v,
                    Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte()
                )
                + Avx2.MultiplyAddAdjacent(
                    w3._v,
                    Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte()
                )
            ).AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ChainBoth(
        Int8Lanes256 w0,
        Int8Lanes256 w1,
        Int8Lanes256 w2,
        Int8Lanes256 w3,
        Int8Lanes256 u0,
        Int8Lanes256 u1,
        Int8Lanes256 u2,
        Int8Lanes256 u3,
        ref sbyte x,
        out Int8Lanes256 first,
        out Int8Lanes256 second
    )
    {
        // one after the other: each activation is spread once and meets both blocks while the last products are added
        Vector256<sbyte> x0 = Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte();
        Vector256<short> a = Avx2.MultiplyAddAdjacent(w0._v, x0),
            b = Avx2.MultiplyAddAdjacent(u0._v, x0);
        Vector256<sbyte> x1 = Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte();
        a += Avx2.MultiplyAddAdjacent(w1._v, x1);
        b += Avx2.MultiplyAddAdjacent(u1._v, x1);
        Vector256<sbyte> x2 = Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte();
        a += Avx2.MultiplyAddAdjacent(w2._v, x2);
        b += Avx2.MultiplyAddAdjacent(u2._v, x2);
        Vector256<sbyte> x3 = Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte();
        a += Avx2.MultiplyAddAdjacent(w3._v, x3);
        b += Avx2.MultiplyAddAdjacent(u3._v, x3);
        (first, second) = (new() { _v = a.AsByte() }, new() { _v = b.AsByte() });
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Twos(Int8Lanes256 w0, Int8Lanes256 w1, Int8Lanes256 w2, Int8Lanes256 w3, ref sbyte x) =>
        new()
        {
            _v = (
                Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(
                        w0._v,
                        Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte()
                    )
                        + Avx2.MultiplyAddAdjacent(
                            w1._v,
                            Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte()
                        ),
                    Vector256<short>.One
                )
                + Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(
                        w2._v,
                        Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte()
                    )
                        + Avx2.MultiplyAddAdjacent(
                            w3._v,
                            Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte()
                        ),
                    Vector256<short>.One
                )
            ).AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Ones(Int8Lanes256 w0, Int8Lanes256 w1, Int8Lanes256 w2, Int8Lanes256 w3, ref sbyte x) =>
        new()
        {
            _v = (
                Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(
                        w0._v,
                        Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte()
                    ),
                    Vector256<short>.One
                )
                + Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(
                        w1._v,
                        Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 4)))).AsSByte()
                    ),
                    Vector256<short>.One
                )
                + Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(
                        w2._v,
                        Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 8)))).AsSByte()
                    ),
                    Vector256<short>.One
                )
                + Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(
                        w3._v,
                        Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, 12)))).AsSByte()
                    ),
                    Vector256<short>.One
                )
            ).AsByte(),
        };

    /// <inheritdoc/>
    public static int SignedBias
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => AvxVnni.IsSupported ? 128 : 0;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Biased(Int8Lanes256 weights) =>
        AvxVnni.IsSupported ? new() { _v = weights._v ^ Vector256.Create((byte)128) } : weights;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Signed(Int8Lanes256 w0, Int8Lanes256 w1, Int8Lanes256 w2, Int8Lanes256 w3, ref sbyte x)
    {
        if (!AvxVnni.IsSupported)
        {
            return new()
            {
                _v = (
                    SignedQuad(w0._v, ref x)
                    + SignedQuad(w1._v, ref Unsafe.Add(ref x, 4))
                    + SignedQuad(w2._v, ref Unsafe.Add(ref x, 8))
                    + SignedQuad(w3._v, ref Unsafe.Add(ref x, 12))
                ).AsByte(),
            };
        }
        return SignedOn(Zero, w0, w1, w2, w3, ref x);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 SignedOn(Int8Lanes256 sums, Int8Lanes256 w0, Int8Lanes256 w1, Int8Lanes256 w2, Int8Lanes256 w3, ref sbyte x)
    {
        if (!AvxVnni.IsSupported)
        {
            return Add(sums, Signed(w0, w1, w2, w3, ref x));
        }
        // one instruction for four products of each row and their sum: half the width of 512 bits, and less than half the instructions
        Vector256<int> sum = AvxVnni.MultiplyWideningAndAdd(sums._v.AsInt32(), w0._v, Quad(ref x, 0));
        sum = AvxVnni.MultiplyWideningAndAdd(sum, w1._v, Quad(ref x, 4));
        sum = AvxVnni.MultiplyWideningAndAdd(sum, w2._v, Quad(ref x, 8));
        return new() { _v = AvxVnni.MultiplyWideningAndAdd(sum, w3._v, Quad(ref x, 12)).AsByte() };
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 AddShorts(Int8Lanes256 a, Int8Lanes256 b) => new() { _v = (a._v.AsInt16() + b._v.AsInt16()).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Widen(Int8Lanes256 sums) =>
        new() { _v = Avx2.MultiplyAddAdjacent(sums._v.AsInt16(), Vector256<short>.One).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Add(Int8Lanes256 a, Int8Lanes256 b) => new() { _v = (a._v.AsInt32() + b._v.AsInt32()).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Integers(ref float bits) => new() { _v = Vector256.Create(bits).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Halves(ref byte source, nuint index) => new() { _v = FloatLanes256.Halves(ref source, index).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Floats(ref float source, nuint index) => new() { _v = Vector256.LoadUnsafe(ref source, index).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Accumulate(Int8Lanes256 sum, Int8Lanes256 dot, Int8Lanes256 scale, ref float activation) =>
        new()
        {
            _v = Vector256
                .MultiplyAddEstimate(
                    Vector256.ConvertToSingle(dot._v.AsInt32()),
                    scale._v.AsSingle() * Vector256.Create(activation),
                    sum._v.AsSingle()
                )
                .AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 Accumulate(
        Int8Lanes256 sum,
        Int8Lanes256 dot,
        Int8Lanes256 scale,
        ref float activation,
        ref float correction
    ) =>
        new()
        {
            _v = Vector256
                .MultiplyAddEstimate(
                    Vector256.MultiplyAddEstimate(
                        Vector256.ConvertToSingle(dot._v.AsInt32()),
                        Vector256.Create(activation),
                        Vector256.Create(correction)
                    ),
                    scale._v.AsSingle(),
                    sum._v.AsSingle()
                )
                .AsByte(),
        };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 AddScaled(Int8Lanes256 sum, Int8Lanes256 a, ref float factor) =>
        new() { _v = Vector256.MultiplyAddEstimate(a._v.AsSingle(), Vector256.Create(factor), sum._v.AsSingle()).AsByte() };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Int8Lanes256 a, float factor, ref float target, nuint index) =>
        (a._v.AsSingle() * Vector256.Create(factor)).StoreUnsafe(ref target, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Int8Lanes256 a, ref float target, nuint index) => a._v.AsSingle().StoreUnsafe(ref target, index);

    /// <summary>Four activations for every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> Quad(ref sbyte x, int column) =>
        Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref x, column)))).AsSByte();

    /// <summary>The weight's sign moves to the activation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> SignedQuad(Vector256<byte> weights, ref sbyte x)
    {
        Vector256<sbyte> signed = weights.AsSByte(),
            quad = Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref x))).AsSByte();
        Vector256<sbyte> moved = Vector256.ConditionalSelect(Vector256.LessThan(signed, Vector256<sbyte>.Zero), -quad, quad);
        return Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Abs(signed).AsByte(), moved), Vector256<short>.One);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Lanes256 AddFloats(Int8Lanes256 a, Int8Lanes256 b) => new() { _v = (a._v.AsSingle() + b._v.AsSingle()).AsByte() };
}
