using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Integer dot products of repacked rows with many activation vectors: the weights of a slice are spread into registers once
/// and meet every vector; float32 sums stay in the first-level cache.
/// </summary>
internal static class Int8Tile<TRecipe, TLanes>
    where TRecipe : struct, IInt8Recipe
    where TLanes : struct, IInt8Lanes<TLanes>
{
    /// <summary>Vectors of a tile: the sums of 32 rows with so many fill 16 KiB.</summary>
    public const int MostVectors = 128;

    /// <summary>Rows of a tile: as many as the registers have room for the weights of.</summary>
    public static int Rows => TLanes.Rows == 16 ? 32 : 16;

    /// <summary>
    /// Whether two vectors of rows are multiplied at a time, which takes 32 registers: those of two blocks, or the halves of one.
    /// </summary>
    private static bool InPairs => Vector512.IsHardwareAccelerated && TLanes.Rows >= 8;

    /// <summary>Sums of <see cref="Rows"/> rows with some vectors.</summary>
    /// <param name="rows">The repacked rows.</param>
    /// <param name="block">Index of the first block of 16 rows.</param>
    /// <param name="x">The activation vectors.</param>
    /// <param name="first">Index of the first vector.</param>
    /// <param name="many">Number of vectors, at most <see cref="MostVectors"/>.</param>
    /// <param name="sums">Room for <see cref="Rows"/> sums of each vector, which stay in the first-level cache.</param>
    /// <param name="y">Receives them.</param>
    /// <param name="stride">From the sums of one vector to those of the next in <paramref name="y"/>.</param>
    /// <param name="fetch">Whether <paramref name="y"/> comes from far away and is to be asked for ahead.</param>
    public static void Run(
        in Int8Rows rows,
        int block,
        in Int8Vectors x,
        int first,
        int many,
        Span<float> sums,
        Span<float> y,
        int stride,
        bool fetch
    )
    {
        sums[..(many * Rows)].Clear();
        // the last block of an odd number of them is computed twice
        int second =
            TLanes.Rows == 16 ? Math.Min(block + 1, rows.Codes.Length / (rows.Slices * Int8Layout<TRecipe>.SliceBytes) - 1) : block;
        ref float sum = ref MemoryMarshal.GetReference(sums);
        for (int s = 0, asked = 0; s < rows.Slices; s++)
        {
            for (int end = fetch ? (int)((long)many * (s + 1) / rows.Slices) : 0; asked < end; asked++)
            {
                Prefetch.SecondLevel(in y[asked * stride], 4 * Rows);
            }
            // with the last slice, sums leave for where they belong: to wait for their lines then costs nothing
            bool last = s == rows.Slices - 1;
            ref float target = ref last ? ref MemoryMarshal.GetReference(y[..((many - 1) * stride + Rows)]) : ref sum;
            int step = last ? stride : Rows;
            if (InPairs)
            {
                TwoVectors(rows, block, second, s, x, first, many, ref sum, ref target, step);
                continue;
            }
            for (int part = 0; part < 16; part += TLanes.Rows)
            {
                OneVector(rows, block, s, part, x, first, many, ref sum, ref target, step);
            }
        }
    }

    /// <summary>One slice of two vectors of rows: adds to sums and stores them, in place or at a target of another stride.</summary>
    private static void TwoVectors(
        in Int8Rows rows,
        int block,
        int second,
        int s,
        in Int8Vectors x,
        int first,
        int many,
        ref float sums,
        ref float target,
        int stride
    )
    {
        TLanes table = Int8Kernel<TRecipe, TLanes>.Table();
        int half = TLanes.Rows == 16 ? 0 : TLanes.Rows;
        ref byte w = ref Codes(rows, block, s),
            u = ref Unsafe.Add(ref Codes(rows, second, s), 4 * half);
        TLanes w0 = Weights(ref w, table, 0),
            w1 = Weights(ref w, table, 1),
            w2 = Weights(ref w, table, 2),
            w3 = Weights(ref w, table, 3);
        TLanes w4 = Rest(ref w, table, 4),
            w5 = Rest(ref w, table, 5),
            w6 = Rest(ref w, table, 6),
            w7 = Rest(ref w, table, 7);
        TLanes u0 = Weights(ref u, table, 0),
            u1 = Weights(ref u, table, 1),
            u2 = Weights(ref u, table, 2),
            u3 = Weights(ref u, table, 3);
        TLanes u4 = Rest(ref u, table, 4),
            u5 = Rest(ref u, table, 5),
            u6 = Rest(ref u, table, 6),
            u7 = Rest(ref u, table, 7);
        int at = ScaleIndex(rows, block, s),
            atSecond = ScaleIndex(rows, second, s) + half;
        TLanes scale = Scale(rows, at),
            scaleSecond = Scale(rows, atSecond);
        TLanes offset = Offset(rows, at),
            offsetSecond = Offset(rows, atSecond);
        ref sbyte q = ref Activations(x, s, first);
        ref float activation = ref Unsafe.Add(
            ref MemoryMarshal.GetReference(x.Scales),
            (TRecipe.SliceColumns == 32 ? s : s / 2) * x.Count + first
        );
        ref float correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), s * x.Count + first);
        ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), s * x.Count + first);
        for (int v = 0; v < many; v++)
        {
            Int8Kernel<TRecipe, TLanes>.Both(
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
                ref correction,
                out TLanes dot,
                out TLanes dotSecond
            );
            TLanes a = Int8Kernel<TRecipe, TLanes>.Accumulate(TLanes.Floats(ref sums, 0), dot, scale, ref activation, ref correction);
            TLanes b = Int8Kernel<TRecipe, TLanes>.Accumulate(
                TLanes.Floats(ref sums, (nuint)TLanes.Rows),
                dotSecond,
                scaleSecond,
                ref activation,
                ref correction
            );
            if (TRecipe.Offsets)
            {
                (a, b) = (TLanes.AddScaled(a, offset, ref total), TLanes.AddScaled(b, offsetSecond, ref total));
                total = ref Unsafe.Add(ref total, 1);
            }
            TLanes.Store(a, ref target, 0);
            TLanes.Store(b, ref target, (nuint)TLanes.Rows);
            sums = ref Unsafe.Add(ref sums, 2 * TLanes.Rows);
            target = ref Unsafe.Add(ref target, stride);
            q = ref Unsafe.Add(ref q, Int8Activations.Group);
            activation = ref Unsafe.Add(ref activation, 1);
            correction = ref Unsafe.Add(ref correction, 1);
        }
    }

    /// <summary>The same for one vector of rows: where there are 16 registers.</summary>
    private static void OneVector(
        in Int8Rows rows,
        int block,
        int s,
        int part,
        in Int8Vectors x,
        int first,
        int many,
        ref float sums,
        ref float target,
        int stride
    )
    {
        TLanes table = Int8Kernel<TRecipe, TLanes>.Table();
        ref byte w = ref Unsafe.Add(ref Codes(rows, block, s), 4 * part);
        TLanes w0 = Weights(ref w, table, 0),
            w1 = Weights(ref w, table, 1),
            w2 = Weights(ref w, table, 2),
            w3 = Weights(ref w, table, 3);
        TLanes w4 = Rest(ref w, table, 4),
            w5 = Rest(ref w, table, 5),
            w6 = Rest(ref w, table, 6),
            w7 = Rest(ref w, table, 7);
        int at = ScaleIndex(rows, block, s) + part;
        TLanes scale = Scale(rows, at),
            offset = Offset(rows, at);
        ref sbyte q = ref Activations(x, s, first);
        ref float activation = ref Unsafe.Add(
            ref MemoryMarshal.GetReference(x.Scales),
            (TRecipe.SliceColumns == 32 ? s : s / 2) * x.Count + first
        );
        ref float correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), s * x.Count + first);
        ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), s * x.Count + first);
        sums = ref Unsafe.Add(ref sums, part);
        target = ref Unsafe.Add(ref target, part);
        for (int v = 0; v < many; v++)
        {
            TLanes dot = Int8Kernel<TRecipe, TLanes>.First(w0, w1, w2, w3, ref q, ref correction);
            dot =
                TRecipe.SliceColumns == 32
                    ? Int8Kernel<TRecipe, TLanes>.Last(dot, w4, w5, w6, w7, ref q)
                    : Int8Kernel<TRecipe, TLanes>.Close(dot);
            TLanes a = Int8Kernel<TRecipe, TLanes>.Accumulate(TLanes.Floats(ref sums, 0), dot, scale, ref activation, ref correction);
            if (TRecipe.Offsets)
            {
                a = TLanes.AddScaled(a, offset, ref total);
                total = ref Unsafe.Add(ref total, 1);
            }
            TLanes.Store(a, ref target, 0);
            sums = ref Unsafe.Add(ref sums, 16);
            target = ref Unsafe.Add(ref target, stride);
            q = ref Unsafe.Add(ref q, Int8Activations.Group);
            activation = ref Unsafe.Add(ref activation, 1);
            correction = ref Unsafe.Add(ref correction, 1);
        }
    }

    /// <summary>The codes of a slice of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Codes(in Int8Rows rows, int block, int slice) =>
        ref Unsafe.Add(ref MemoryMarshal.GetReference(rows.Codes), ((nint)block * rows.Slices + slice) * Int8Layout<TRecipe>.SliceBytes);

    /// <summary>Index of the first row's scale of a slice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ScaleIndex(in Int8Rows rows, int block, int slice) =>
        (block * rows.Groups + slice / TRecipe.SlicesPerScale) * Int8Layout<TRecipe>.Rows;

    /// <summary>A vector's codes at a slice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref sbyte Activations(in Int8Vectors x, int slice, int vector) =>
        ref Unsafe.Add(
            ref MemoryMarshal.GetReference(x.Codes),
            TRecipe.SliceColumns == 32 ? (slice * x.Count + vector) * 32 : (slice / 2 * x.Count + vector) * 32 + slice % 2 * 16
        );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Scale(in Int8Rows rows, int at) => Stepped(Int8Kernel<TRecipe, TLanes>.Scale(rows, at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Offset(in Int8Rows rows, int at) => Stepped(Int8Kernel<TRecipe, TLanes>.Offset(rows, at));

    /// <summary>Times the recipe's step, a power of two: once a slice rather than once a sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Stepped(TLanes numbers)
    {
        float step = TRecipe.Step;
        return step == 1 ? numbers : TLanes.AddScaled(TLanes.Zero, numbers, ref step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Weights(ref byte w, TLanes table, int quad) => Int8Kernel<TRecipe, TLanes>.Weights(ref w, table, quad);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Rest(ref byte w, TLanes table, int quad) => Int8Kernel<TRecipe, TLanes>.Rest(ref w, table, quad);
}
