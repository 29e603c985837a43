using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Integer dot products of 32 repacked rows with four activation vectors: 16 registers of weights, eight of sums, and what is
/// in work fill the 32 registers of 512 bits. Each activation is loaded and spread once for both blocks of rows. Written on
/// vectors rather than lanes: wrapped in structures the variables would be more than the JIT inlines.
/// </summary>
internal static class Int8PairOfFour<TRecipe>
    where TRecipe : struct, IInt8Recipe
{
    /// <summary>Whether the machine has the registers and the recipe adds products in 16 bits.</summary>
    public static bool Serves
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512BW.IsSupported && !TRecipe.Signed && TRecipe.Chain >= 4 && TRecipe.SliceColumns == 32;
    }

    /// <summary>32 rows times four neighbouring vectors.</summary>
    /// <param name="rows">The repacked rows.</param>
    /// <param name="block">Index of the first of two blocks.</param>
    /// <param name="x">The activation vectors.</param>
    /// <param name="first">Index of the first vector.</param>
    /// <param name="fetch">Whether the weights come from memory and are to be asked for ahead.</param>
    /// <param name="y">Receives 32 sums for each vector.</param>
    /// <param name="stride">From the sums of one vector to those of the next.</param>
    public static void Dot(in Int8Rows rows, int block, in Int8Vectors x, int first, bool fetch, ref float y, nint stride)
    {
        Vector512<byte> table = TRecipe.HasTable
            ? Vector512.Create(
                Vector256.Create(Vector128.Create(TRecipe.Table), Vector128.Create(TRecipe.Table)),
                Vector256.Create(Vector128.Create(TRecipe.Table), Vector128.Create(TRecipe.Table))
            )
            : default;
        int slices = rows.Slices,
            groups = rows.Groups * Int8Layout<TRecipe>.Rows,
            firstScale = block * groups,
            count = x.Count;
        ref byte w = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows.Codes), (nint)block * slices * Int8Layout<TRecipe>.SliceBytes);
        nint toSecond = (nint)slices * Int8Layout<TRecipe>.SliceBytes;
        ref sbyte q = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Codes), first * Int8Activations.Group);
        ref float activation = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Scales), first);
        ref float correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), first);
        ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), first);
        Vector512<float> sum0 = default,
            sum1 = default,
            sum2 = default,
            sum3 = default,
            second0 = default,
            second1 = default,
            second2 = default,
            second3 = default;
        for (int s = 0; s < slices; s++)
        {
            ref byte u = ref Unsafe.Add(ref w, toSecond);
            if (fetch)
            {
                Prefetch.Slice(ref w, Int8Layout<TRecipe>.SliceBytes);
                Prefetch.Slice(ref u, Int8Layout<TRecipe>.SliceBytes);
            }
            Vector512<byte> w0 = Weights(ref w, table, 0),
                w1 = Weights(ref w, table, 1),
                w2 = Weights(ref w, table, 2),
                w3 = Weights(ref w, table, 3);
            Vector512<byte> w4 = Weights(ref w, table, 4),
                w5 = Weights(ref w, table, 5),
                w6 = Weights(ref w, table, 6),
                w7 = Weights(ref w, table, 7);
            Vector512<byte> u0 = Weights(ref u, table, 0),
                u1 = Weights(ref u, table, 1),
                u2 = Weights(ref u, table, 2),
                u3 = Weights(ref u, table, 3);
            Vector512<byte> u4 = Weights(ref u, table, 4),
                u5 = Weights(ref u, table, 5),
                u6 = Weights(ref u, table, 6),
                u7 = Weights(ref u, table, 7);
            int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows;
            Vector512<float> scale = Scale(rows, at),
                scaleSecond = Scale(rows, at + groups);

            Dots(
                w0,
                w1,
                w2,
                w3,
                w4,
                w5,
                w6,
                w7,
                u0,
                u1,
                u2,
                u3,
                u4,
                u5,
                u6,
                u7,
                ref q,
                out Vector512<int> dot,
                out Vector512<int> dotSecond
            );
            sum0 = Accumulate(sum0, dot, scale, 0, ref activation, ref correction);
            second0 = Accumulate(second0, dotSecond, scaleSecond, 0, ref activation, ref correction);
            Dots(w0, w1, w2, w3, w4, w5, w6, w7, u0, u1, u2, u3, u4, u5, u6, u7, ref Unsafe.Add(ref q, 32), out dot, out dotSecond);
            sum1 = Accumulate(sum1, dot, scale, 1, ref activation, ref correction);
            second1 = Accumulate(second1, dotSecond, scaleSecond, 1, ref activation, ref correction);
            Dots(w0, w1, w2, w3, w4, w5, w6, w7, u0, u1, u2, u3, u4, u5, u6, u7, ref Unsafe.Add(ref q, 64), out dot, out dotSecond);
            sum2 = Accumulate(sum2, dot, scale, 2, ref activation, ref correction);
            second2 = Accumulate(second2, dotSecond, scaleSecond, 2, ref activation, ref correction);
            Dots(w0, w1, w2, w3, w4, w5, w6, w7, u0, u1, u2, u3, u4, u5, u6, u7, ref Unsafe.Add(ref q, 96), out dot, out dotSecond);
            sum3 = Accumulate(sum3, dot, scale, 3, ref activation, ref correction);
            second3 = Accumulate(second3, dotSecond, scaleSecond, 3, ref activation, ref correction);
            if (TRecipe.Offsets)
            {
                ref float offsets = ref MemoryMarshal.GetReference(rows.Offsets);
                Vector512<float> offset = Vector512.LoadUnsafe(ref offsets, (nuint)at),
                    offsetSecond = Vector512.LoadUnsafe(ref offsets, (nuint)(at + groups));
                Vector512<float> total0 = Vector512.Create(total),
                    total1 = Vector512.Create(Unsafe.Add(ref total, 1));
                Vector512<float> total2 = Vector512.Create(Unsafe.Add(ref total, 2)),
                    total3 = Vector512.Create(Unsafe.Add(ref total, 3));
                sum0 = Vector512.MultiplyAddEstimate(offset, total0, sum0);
                second0 = Vector512.MultiplyAddEstimate(offsetSecond, total0, second0);
                sum1 = Vector512.MultiplyAddEstimate(offset, total1, sum1);
                second1 = Vector512.MultiplyAddEstimate(offsetSecond, total1, second1);
                sum2 = Vector512.MultiplyAddEstimate(offset, total2, sum2);
                second2 = Vector512.MultiplyAddEstimate(offsetSecond, total2, second2);
                sum3 = Vector512.MultiplyAddEstimate(offset, total3, sum3);
                second3 = Vector512.MultiplyAddEstimate(offsetSecond, total3, second3);
                total = ref Unsafe.Add(ref total, count);
            }
            w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
            q = ref Unsafe.Add(ref q, 32 * count);
            activation = ref Unsafe.Add(ref activation, count);
            correction = ref Unsafe.Add(ref correction, count);
        }
        Store(sum0, second0, ref y);
        Store(sum1, second1, ref Unsafe.Add(ref y, stride));
        Store(sum2, second2, ref Unsafe.Add(ref y, 2 * stride));
        Store(sum3, second3, ref Unsafe.Add(ref y, 3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Weights(ref byte w, Vector512<byte> table, int quad)
    {
        if (!TRecipe.Nibbles)
        {
            return Vector512.LoadUnsafe(ref w, (nuint)(64 * quad));
        }
        Vector512<byte> pairs = Vector512.LoadUnsafe(ref w, (nuint)(64 * (quad / 2)));
        Vector512<byte> nibbles = (quad % 2 == 0 ? pairs : (pairs.AsUInt16() >>> 4).AsByte()) & Vector512.Create((byte)0x0F);
        return TRecipe.HasTable ? Avx512BW.Shuffle(table, nibbles) : nibbles;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scale(in Int8Rows rows, int at) =>
        TRecipe.HalfScales
            ? Lanes512.Halves(ref MemoryMarshal.GetReference(rows.Scales), (nuint)at)
            : Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(rows.FloatScales), (nuint)at);

    /// <summary>Both blocks' products with a slice of one vector, in 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dots(
        Vector512<byte> w0,
        Vector512<byte> w1,
        Vector512<byte> w2,
        Vector512<byte> w3,
        Vector512<byte> w4,
        Vector512<byte> w5,
        Vector512<byte> w6,
        Vector512<byte> w7,
        Vector512<byte> u0,
        Vector512<byte> u1,
        Vector512<byte> u2,
        Vector512<byte> u3,
        Vector512<byte> u4,
        Vector512<byte> u5,
        Vector512<byte> u6,
        Vector512<byte> u7,
        ref sbyte q,
        out Vector512<int> dot,
        out Vector512<int> dotSecond
    )
    {
        Vector512<sbyte> x0 = Quad(ref q, 0);
        Vector512<short> a = Avx512BW.MultiplyAddAdjacent(w0, x0),
            b = Avx512BW.MultiplyAddAdjacent(u0, x0);
        Vector512<sbyte> x1 = Quad(ref q, 4);
        a += Avx512BW.MultiplyAddAdjacent(w1, x1);
        b += Avx512BW.MultiplyAddAdjacent(u1, x1);
        Vector512<sbyte> x2 = Quad(ref q, 8);
        a += Avx512BW.MultiplyAddAdjacent(w2, x2);
        b += Avx512BW.MultiplyAddAdjacent(u2, x2);
        Vector512<sbyte> x3 = Quad(ref q, 12);
        a += Avx512BW.MultiplyAddAdjacent(w3, x3);
        b += Avx512BW.MultiplyAddAdjacent(u3, x3);
        (dot, dotSecond) = (default, default);
        if (TRecipe.Chain == 4)
        {
            (dot, dotSecond) = (Widen(a), Widen(b));
            (a, b) = (default, default);
        }
        Vector512<sbyte> x4 = Quad(ref q, 16);
        a += Avx512BW.MultiplyAddAdjacent(w4, x4);
        b += Avx512BW.MultiplyAddAdjacent(u4, x4);
        Vector512<sbyte> x5 = Quad(ref q, 20);
        a += Avx512BW.MultiplyAddAdjacent(w5, x5);
        b += Avx512BW.MultiplyAddAdjacent(u5, x5);
        Vector512<sbyte> x6 = Quad(ref q, 24);
        a += Avx512BW.MultiplyAddAdjacent(w6, x6);
        b += Avx512BW.MultiplyAddAdjacent(u6, x6);
        Vector512<sbyte> x7 = Quad(ref q, 28);
        a += Avx512BW.MultiplyAddAdjacent(w7, x7);
        b += Avx512BW.MultiplyAddAdjacent(u7, x7);
        (dot, dotSecond) = (dot + Widen(a), dotSecond + Widen(b));
    }

    /// <summary>Four activations for every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<sbyte> Quad(ref sbyte q, int column) =>
        Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref q, column)))).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector512<short> sums) => Avx512BW.MultiplyAddAdjacent(sums, Vector512<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Accumulate(
        Vector512<float> sum,
        Vector512<int> dot,
        Vector512<float> scale,
        int vector,
        ref float activation,
        ref float correction
    )
    {
        Vector512<float> whole = Vector512.ConvertToSingle(dot),
            factor = Vector512.Create(Unsafe.Add(ref activation, vector));
        return TRecipe.Lowest == 0
            ? Vector512.MultiplyAddEstimate(whole, scale * factor, sum)
            : Vector512.MultiplyAddEstimate(
                Vector512.MultiplyAddEstimate(whole, factor, Vector512.Create(Unsafe.Add(ref correction, vector))),
                scale,
                sum
            );
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> sum, Vector512<float> second, ref float y)
    {
        (sum * Vector512.Create(TRecipe.Step)).StoreUnsafe(ref y);
        (second * Vector512.Create(TRecipe.Step)).StoreUnsafe(ref y, 16);
    }
}
