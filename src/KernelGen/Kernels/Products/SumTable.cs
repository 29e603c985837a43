using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Tables of float32 sums that bytes are looked up in, 64 at a time: a table lies in four planes, byte i of every sum in plane i, in
/// registers while it is used. Permutations of bytes pick each plane, interleaving puts the sums together again.
/// </summary>
internal static class SumTable
{
    /// <summary>Entries of a small table: one register a plane, so that four tables fit.</summary>
    public const int Small = 64;

    /// <summary>Entries of a large table.</summary>
    public const int Large = 256;

    /// <summary>Bytes of the tables that are used together.</summary>
    public const int Bytes = 4 * Large;

    /// <summary>Tables that are used together.</summary>
    public static int Together(int entries) => Large / entries;

    /// <summary>Where the index of a row lies among the 64, so that interleaved sums come out in the order of rows.</summary>
    public static int Place(int row) => row % 16 / 4 * 16 + row / 16 * 4 + row % 4;

    /// <summary>The sums of all entries, Σ entry·x.</summary>
    /// <param name="byDimension">The entries, dimension by dimension.</param>
    /// <param name="entries">Their number, <see cref="Small"/> or <see cref="Large"/>.</param>
    /// <param name="x">An activation for each dimension.</param>
    /// <param name="planes">Receives four planes.</param>
    public static void Make(float[] byDimension, int entries, ReadOnlySpan<float> x, Span<byte> planes)
    {
        Vector512<byte> order = Vector512.Create(
            (byte)0,
            4,
            8,
            12,
            16,
            20,
            24,
            28,
            32,
            36,
            40,
            44,
            48,
            52,
            56,
            60,
            64,
            68,
            72,
            76,
            80,
            84,
            88,
            92,
            96,
            100,
            104,
            108,
            112,
            116,
            120,
            124,
            1,
            5,
            9,
            13,
            17,
            21,
            25,
            29,
            33,
            37,
            41,
            45,
            49,
            53,
            57,
            61,
            65,
            69,
            73,
            77,
            81,
            85,
            89,
            93,
            97,
            101,
            105,
            109,
            113,
            117,
            121,
            125
        );
        Vector512<byte> orderOfUpper = order + Vector512.Create((byte)2);
        ref float table = ref MemoryMarshal.GetArrayDataReference(byDimension);
        ref byte target = ref MemoryMarshal.GetReference(planes[..(4 * entries)]);
        for (int entry = 0; entry < entries; entry += 64)
        {
            ref float column = ref Unsafe.Add(ref table, entry);
            Vector512<float> factor = Vector512.Create(x[0]);
            Vector512<float> a = Vector512.LoadUnsafe(ref column) * factor,
                b = Vector512.LoadUnsafe(ref column, 16) * factor;
            Vector512<float> c = Vector512.LoadUnsafe(ref column, 32) * factor,
                d = Vector512.LoadUnsafe(ref column, 48) * factor;
            for (int i = 1; i < x.Length; i++)
            {
                column = ref Unsafe.Add(ref column, entries);
                factor = Vector512.Create(x[i]);
                a = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref column), factor, a);
                b = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref column, 16), factor, b);
                c = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref column, 32), factor, c);
                d = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref column, 48), factor, d);
            }
            Vector512<ulong> first = Avx512Vbmi.PermuteVar64x8x2(a.AsByte(), order, b.AsByte()).AsUInt64(),
                second = Avx512Vbmi.PermuteVar64x8x2(c.AsByte(), order, d.AsByte()).AsUInt64();
            Avx512F.Shuffle4x128(first, second, 0x44).AsByte().StoreUnsafe(ref target, (nuint)entry);
            Avx512F.Shuffle4x128(first, second, 0xEE).AsByte().StoreUnsafe(ref target, (nuint)(entries + entry));
            first = Avx512Vbmi.PermuteVar64x8x2(a.AsByte(), orderOfUpper, b.AsByte()).AsUInt64();
            second = Avx512Vbmi.PermuteVar64x8x2(c.AsByte(), orderOfUpper, d.AsByte()).AsUInt64();
            Avx512F.Shuffle4x128(first, second, 0x44).AsByte().StoreUnsafe(ref target, (nuint)(2 * entries + entry));
            Avx512F.Shuffle4x128(first, second, 0xEE).AsByte().StoreUnsafe(ref target, (nuint)(3 * entries + entry));
        }
    }

    /// <summary>Adds sums of one table of 256.</summary>
    /// <param name="planes">The table.</param>
    /// <param name="indices">64 indices for 64 sums.</param>
    /// <param name="stride">From the indices of one table to those of the next.</param>
    /// <param name="large">Whether indices come from memory; they lie in pieces too short for the hardware to guess what follows.</param>
    /// <param name="sums">The sums.</param>
    public static void AddOne(ref byte planes, ref byte indices, nuint stride, bool large, Span<float> sums)
    {
        Vector512<byte> a0 = Vector512.LoadUnsafe(ref planes),
            a1 = Vector512.LoadUnsafe(ref planes, 64),
            a2 = Vector512.LoadUnsafe(ref planes, 128),
            a3 = Vector512.LoadUnsafe(ref planes, 192);
        Vector512<byte> b0 = Vector512.LoadUnsafe(ref planes, 256),
            b1 = Vector512.LoadUnsafe(ref planes, 320),
            b2 = Vector512.LoadUnsafe(ref planes, 384),
            b3 = Vector512.LoadUnsafe(ref planes, 448);
        Vector512<byte> c0 = Vector512.LoadUnsafe(ref planes, 512),
            c1 = Vector512.LoadUnsafe(ref planes, 576),
            c2 = Vector512.LoadUnsafe(ref planes, 640),
            c3 = Vector512.LoadUnsafe(ref planes, 704);
        Vector512<byte> d0 = Vector512.LoadUnsafe(ref planes, 768),
            d1 = Vector512.LoadUnsafe(ref planes, 832),
            d2 = Vector512.LoadUnsafe(ref planes, 896),
            d3 = Vector512.LoadUnsafe(ref planes, 960);
        ref float target = ref MemoryMarshal.GetReference(sums);
        for (nuint i = 0; i < (nuint)sums.Length; i += 64)
        {
            if (large)
            {
                Prefetch.Line(ref indices, i + 2 * stride);
            }
            Vector512<byte> index = Vector512.LoadUnsafe(ref indices, i);
            Vector512<sbyte> upper = Vector512.LessThan(index.AsSByte(), Vector512<sbyte>.Zero);
            Vector512<byte> a = Select(upper, a0, a1, a2, a3, index),
                b = Select(upper, b0, b1, b2, b3, index);
            Vector512<byte> c = Select(upper, c0, c1, c2, c3, index),
                d = Select(upper, d0, d1, d2, d3, index);
            Vector512<ushort> low = Avx512BW.UnpackLow(a, b).AsUInt16(),
                high = Avx512BW.UnpackHigh(a, b).AsUInt16();
            Vector512<ushort> lowUpper = Avx512BW.UnpackLow(c, d).AsUInt16(),
                highUpper = Avx512BW.UnpackHigh(c, d).AsUInt16();
            (Vector512.LoadUnsafe(ref target, i) + Avx512BW.UnpackLow(low, lowUpper).AsSingle()).StoreUnsafe(ref target, i);
            (Vector512.LoadUnsafe(ref target, i + 16) + Avx512BW.UnpackHigh(low, lowUpper).AsSingle()).StoreUnsafe(ref target, i + 16);
            (Vector512.LoadUnsafe(ref target, i + 32) + Avx512BW.UnpackLow(high, highUpper).AsSingle()).StoreUnsafe(ref target, i + 32);
            (Vector512.LoadUnsafe(ref target, i + 48) + Avx512BW.UnpackHigh(high, highUpper).AsSingle()).StoreUnsafe(ref target, i + 48);
        }
    }

    /// <summary>Adds sums of four tables of 64.</summary>
    /// <param name="planes">The tables.</param>
    /// <param name="indices">64 indices for 64 sums.</param>
    /// <param name="stride">From the indices of one table to those of the next.</param>
    /// <param name="large">Whether indices come from memory.</param>
    /// <param name="sums">The sums.</param>
    public static void AddFour(ref byte planes, ref byte indices, nuint stride, bool large, Span<float> sums)
    {
        Vector512<byte> a0 = Vector512.LoadUnsafe(ref planes),
            b0 = Vector512.LoadUnsafe(ref planes, 64),
            c0 = Vector512.LoadUnsafe(ref planes, 128),
            d0 = Vector512.LoadUnsafe(ref planes, 192);
        Vector512<byte> a1 = Vector512.LoadUnsafe(ref planes, 256),
            b1 = Vector512.LoadUnsafe(ref planes, 320),
            c1 = Vector512.LoadUnsafe(ref planes, 384),
            d1 = Vector512.LoadUnsafe(ref planes, 448);
        Vector512<byte> a2 = Vector512.LoadUnsafe(ref planes, 512),
            b2 = Vector512.LoadUnsafe(ref planes, 576),
            c2 = Vector512.LoadUnsafe(ref planes, 640),
            d2 = Vector512.LoadUnsafe(ref planes, 704);
        Vector512<byte> a3 = Vector512.LoadUnsafe(ref planes, 768),
            b3 = Vector512.LoadUnsafe(ref planes, 832),
            c3 = Vector512.LoadUnsafe(ref planes, 896),
            d3 = Vector512.LoadUnsafe(ref planes, 960);
        ref float target = ref MemoryMarshal.GetReference(sums);
        for (nuint i = 0; i < (nuint)sums.Length; i += 64)
        {
            if (large)
            {
                Prefetch.Line(ref indices, i + 4 * stride);
                Prefetch.Line(ref indices, i + 5 * stride);
                Prefetch.Line(ref indices, i + 6 * stride);
                Prefetch.Line(ref indices, i + 7 * stride);
            }
            Quad first = Look(a0, b0, c0, d0, Vector512.LoadUnsafe(ref indices, i)),
                second = Look(a1, b1, c1, d1, Vector512.LoadUnsafe(ref indices, i + stride));
            Quad third = Look(a2, b2, c2, d2, Vector512.LoadUnsafe(ref indices, i + 2 * stride)),
                fourth = Look(a3, b3, c3, d3, Vector512.LoadUnsafe(ref indices, i + 3 * stride));
            (Vector512.LoadUnsafe(ref target, i) + (first.S0 + second.S0 + (third.S0 + fourth.S0))).StoreUnsafe(ref target, i);
            (Vector512.LoadUnsafe(ref target, i + 16) + (first.S1 + second.S1 + (third.S1 + fourth.S1))).StoreUnsafe(ref target, i + 16);
            (Vector512.LoadUnsafe(ref target, i + 32) + (first.S2 + second.S2 + (third.S2 + fourth.S2))).StoreUnsafe(ref target, i + 32);
            (Vector512.LoadUnsafe(ref target, i + 48) + (first.S3 + second.S3 + (third.S3 + fourth.S3))).StoreUnsafe(ref target, i + 48);
        }
    }

    /// <summary>Bytes of one of 256, by the low seven bits among 128 and then by the highest bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Select(
        Vector512<sbyte> upper,
        Vector512<byte> t0,
        Vector512<byte> t1,
        Vector512<byte> t2,
        Vector512<byte> t3,
        Vector512<byte> index
    ) => Avx512BW.BlendVariable(Avx512Vbmi.PermuteVar64x8x2(t0, index, t1), Avx512Vbmi.PermuteVar64x8x2(t2, index, t3), upper.AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad Look(Vector512<byte> t0, Vector512<byte> t1, Vector512<byte> t2, Vector512<byte> t3, Vector512<byte> index)
    {
        Vector512<byte> a = Avx512Vbmi.PermuteVar64x8(t0, index),
            b = Avx512Vbmi.PermuteVar64x8(t1, index);
        Vector512<byte> c = Avx512Vbmi.PermuteVar64x8(t2, index),
            d = Avx512Vbmi.PermuteVar64x8(t3, index);
        Vector512<ushort> low = Avx512BW.UnpackLow(a, b).AsUInt16(),
            high = Avx512BW.UnpackHigh(a, b).AsUInt16();
        Vector512<ushort> lowUpper = Avx512BW.UnpackLow(c, d).AsUInt16(),
            highUpper = Avx512BW.UnpackHigh(c, d).AsUInt16();
        return new()
        {
            S0 = Avx512BW.UnpackLow(low, lowUpper).AsSingle(),
            S1 = Avx512BW.UnpackHigh(low, lowUpper).AsSingle(),
            S2 = Avx512BW.UnpackLow(high, highUpper).AsSingle(),
            S3 = Avx512BW.UnpackHigh(high, highUpper).AsSingle(),
        };
    }

    /// <summary>Sums of 64 rows.</summary>
    private struct Quad
    {
        public Vector512<float> S0,
            S1,
            S2,
            S3;
    }
}
