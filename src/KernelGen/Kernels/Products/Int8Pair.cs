using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Integer dot products of two vectors of repacked rows, two blocks or the halves of one, with one activation vector or two: what is
/// loaded and spread of the activations serves both. For matrices in the caches; from memory one stream of weights is faster than two.
/// </summary>
internal static class Int8Pair<TRecipe, TLanes>
    where TRecipe : struct, IInt8Recipe
    where TLanes : struct, IInt8Lanes<TLanes>
{
    /// <summary>Blocks of 16 rows that a pair is.</summary>
    public static int Blocks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TLanes.Rows / Int8Layout<TRecipe>.Rows;
    }

    /// <summary>Both rows' sums with one vector.</summary>
    /// <param name="rows">The repacked rows.</param>
    /// <param name="block">Index of the first block.</param>
    /// <param name="x">The activation vectors.</param>
    /// <param name="first">Index of the vector.</param>
    /// <param name="fetch">Whether the weights come from memory and are to be asked for ahead.</param>
    /// <param name="y">Receives 16 sums of each block for each vector.</param>
    /// <param name="stride">From the sums of one vector to those of the next.</param>
    public static void Dot(in Int8Rows rows, int block, in Int8Vectors x, int first, bool fetch, ref float y, nint stride)
    {
        TLanes table = Int8Kernel<TRecipe, TLanes>.Table();
        int slices = rows.Slices,
            groups = rows.Groups * Int8Layout<TRecipe>.Rows;
        ref byte w = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows.Codes), (nint)block * slices * Int8Layout<TRecipe>.SliceBytes);
        nint toSecond = Blocks == 2 ? (nint)slices * Int8Layout<TRecipe>.SliceBytes : 4 * TLanes.Rows;
        int toSecondScale = Blocks == 2 ? groups : TLanes.Rows;
        ref sbyte q = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Codes), first * Int8Activations.Group);
        ref float activation = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Scales), first);
        ref float correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), first);
        ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), first);
        int count = x.Count,
            firstScale = block * groups;
        TLanes sum = TLanes.Zero,
            sumSecond = TLanes.Zero;
        for (int s = 0; s < slices; s++)
        {
            if (fetch)
            {
                Prefetch.Slice(ref w, Int8Layout<TRecipe>.SliceBytes);
            }
            ref byte u = ref Unsafe.Add(ref w, toSecond);
            TLanes dot = First(ref w, table, ref q, ref correction),
                dotSecond = First(ref u, table, ref q, ref correction);
            if (TRecipe.SliceColumns == 32)
            {
                dot = Last(dot, ref w, table, ref q);
                dotSecond = Last(dotSecond, ref u, table, ref q);
            }
            else
            {
                (dot, dotSecond) = (Int8Kernel<TRecipe, TLanes>.Close(dot), Int8Kernel<TRecipe, TLanes>.Close(dotSecond));
            }
            int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows;
            sum = Int8Kernel<TRecipe, TLanes>.Accumulate(
                sum,
                dot,
                Int8Kernel<TRecipe, TLanes>.Scale(rows, at),
                ref activation,
                ref correction
            );
            sumSecond = Int8Kernel<TRecipe, TLanes>.Accumulate(
                sumSecond,
                dotSecond,
                Int8Kernel<TRecipe, TLanes>.Scale(rows, at + toSecondScale),
                ref activation,
                ref correction
            );
            if (TRecipe.Offsets)
            {
                sum = TLanes.AddScaled(sum, TLanes.Floats(ref MemoryMarshal.GetReference(rows.Offsets), (nuint)at), ref total);
                sumSecond = TLanes.AddScaled(
                    sumSecond,
                    TLanes.Floats(ref MemoryMarshal.GetReference(rows.Offsets), (nuint)(at + toSecondScale)),
                    ref total
                );
                total = ref Unsafe.Add(ref total, count);
            }
            w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
            q = ref Unsafe.Add(ref q, Int8Kernel<TRecipe, TLanes>.NextCodes(s, count));
            activation = ref Unsafe.Add(ref activation, Int8Kernel<TRecipe, TLanes>.NextScale(s, count));
            correction = ref Unsafe.Add(ref correction, count);
        }
        TLanes.Store(sum, TRecipe.Step, ref y, 0);
        TLanes.Store(sumSecond, TRecipe.Step, ref y, (nuint)TLanes.Rows);
    }

    /// <summary>Both rows' sums with two neighbouring vectors, or the two digits of one.</summary>
    /// <inheritdoc cref="Dot"/>
    public static void DotTwo(in Int8Rows rows, int block, in Int8Vectors x, int first, bool fetch, ref float y, nint stride)
    {
        TLanes table = Int8Kernel<TRecipe, TLanes>.Table();
        int slices = rows.Slices,
            groups = rows.Groups * Int8Layout<TRecipe>.Rows;
        ref byte w = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows.Codes), (nint)block * slices * Int8Layout<TRecipe>.SliceBytes);
        nint toSecond = Blocks == 2 ? (nint)slices * Int8Layout<TRecipe>.SliceBytes : 4 * TLanes.Rows;
        int toSecondScale = Blocks == 2 ? groups : TLanes.Rows;
        ref sbyte q = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Codes), first * Int8Activations.Group);
        ref float activation = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Scales), first);
        ref float correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), first);
        ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), first);
        int count = x.Count,
            firstScale = block * groups;
        TLanes sum0 = TLanes.Zero,
            sum1 = TLanes.Zero,
            second0 = TLanes.Zero,
            second1 = TLanes.Zero;
        for (int s = 0; s < slices; s++)
        {
            if (fetch)
            {
                Prefetch.Slice(ref w, Int8Layout<TRecipe>.SliceBytes);
            }
            ref byte u = ref Unsafe.Add(ref w, toSecond);
            ref sbyte r = ref Unsafe.Add(ref q, 32);
            ref float correction1 = ref Unsafe.Add(ref correction, 1);
            TLanes w0 = Weights(ref w, table, 0),
                w1 = Weights(ref w, table, 1),
                w2 = Weights(ref w, table, 2),
                w3 = Weights(ref w, table, 3);
            TLanes u0 = Weights(ref u, table, 0),
                u1 = Weights(ref u, table, 1),
                u2 = Weights(ref u, table, 2),
                u3 = Weights(ref u, table, 3);
            TLanes dot0 = Int8Kernel<TRecipe, TLanes>.First(w0, w1, w2, w3, ref q, ref correction),
                dotSecond0 = Int8Kernel<TRecipe, TLanes>.First(u0, u1, u2, u3, ref q, ref correction);
            TLanes dot1 = Int8Kernel<TRecipe, TLanes>.First(w0, w1, w2, w3, ref r, ref correction1),
                dotSecond1 = Int8Kernel<TRecipe, TLanes>.First(u0, u1, u2, u3, ref r, ref correction1);
            if (TRecipe.SliceColumns == 32)
            {
                TLanes w4 = Weights(ref w, table, 4),
                    w5 = Weights(ref w, table, 5),
                    w6 = Weights(ref w, table, 6),
                    w7 = Weights(ref w, table, 7);
                TLanes u4 = Weights(ref u, table, 4),
                    u5 = Weights(ref u, table, 5),
                    u6 = Weights(ref u, table, 6),
                    u7 = Weights(ref u, table, 7);
                dot0 = Int8Kernel<TRecipe, TLanes>.Last(dot0, w4, w5, w6, w7, ref q);
                dotSecond0 = Int8Kernel<TRecipe, TLanes>.Last(dotSecond0, u4, u5, u6, u7, ref q);
                dot1 = Int8Kernel<TRecipe, TLanes>.Last(dot1, w4, w5, w6, w7, ref r);
                dotSecond1 = Int8Kernel<TRecipe, TLanes>.Last(dotSecond1, u4, u5, u6, u7, ref r);
            }
            else
            {
                (dot0, dotSecond0) = (Int8Kernel<TRecipe, TLanes>.Close(dot0), Int8Kernel<TRecipe, TLanes>.Close(dotSecond0));
                (dot1, dotSecond1) = (Int8Kernel<TRecipe, TLanes>.Close(dot1), Int8Kernel<TRecipe, TLanes>.Close(dotSecond1));
            }
            int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows;
            TLanes scale = Int8Kernel<TRecipe, TLanes>.Scale(rows, at),
                scaleSecond = Int8Kernel<TRecipe, TLanes>.Scale(rows, at + toSecondScale);
            ref float activation1 = ref Unsafe.Add(ref activation, 1);
            sum0 = Int8Kernel<TRecipe, TLanes>.Accumulate(sum0, dot0, scale, ref activation, ref correction);
            sum1 = Int8Kernel<TRecipe, TLanes>.Accumulate(sum1, dot1, scale, ref activation1, ref correction1);
            second0 = Int8Kernel<TRecipe, TLanes>.Accumulate(second0, dotSecond0, scaleSecond, ref activation, ref correction);
            second1 = Int8Kernel<TRecipe, TLanes>.Accumulate(second1, dotSecond1, scaleSecond, ref activation1, ref correction1);
            if (TRecipe.Offsets)
            {
                TLanes offset = TLanes.Floats(ref MemoryMarshal.GetReference(rows.Offsets), (nuint)at),
                    offsetSecond = TLanes.Floats(ref MemoryMarshal.GetReference(rows.Offsets), (nuint)(at + toSecondScale));
                (sum0, sum1) = (TLanes.AddScaled(sum0, offset, ref total), TLanes.AddScaled(sum1, offset, ref Unsafe.Add(ref total, 1)));
                (second0, second1) = (
                    TLanes.AddScaled(second0, offsetSecond, ref total),
                    TLanes.AddScaled(second1, offsetSecond, ref Unsafe.Add(ref total, 1))
                );
                total = ref Unsafe.Add(ref total, count);
            }
            w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
            q = ref Unsafe.Add(ref q, Int8Kernel<TRecipe, TLanes>.NextCodes(s, count));
            activation = ref Unsafe.Add(ref activation, Int8Kernel<TRecipe, TLanes>.NextScale(s, count));
            correction = ref Unsafe.Add(ref correction, count);
        }
        TLanes.Store(sum0, TRecipe.Step, ref y, 0);
        TLanes.Store(second0, TRecipe.Step, ref y, (nuint)TLanes.Rows);
        TLanes.Store(sum1, TRecipe.Step, ref Unsafe.Add(ref y, stride), 0);
        TLanes.Store(second1, TRecipe.Step, ref Unsafe.Add(ref y, stride), (nuint)TLanes.Rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Weights(ref byte w, TLanes table, int quad) => Int8Kernel<TRecipe, TLanes>.Weights(ref w, table, quad);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes First(ref byte w, TLanes table, ref sbyte q, ref float correction) =>
        Int8Kernel<TRecipe, TLanes>.First(
            Int8Kernel<TRecipe, TLanes>.Weights(ref w, table, 0),
            Int8Kernel<TRecipe, TLanes>.Weights(ref w, table, 1),
            Int8Kernel<TRecipe, TLanes>.Weights(ref w, table, 2),
            Int8Kernel<TRecipe, TLanes>.Weights(ref w, table, 3),
            ref q,
            ref correction
        );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Last(TLanes dot, ref byte w, TLanes table, ref sbyte q) =>
        Int8Kernel<TRecipe, TLanes>.Last(
            dot,
            Int8Kernel<TRecipe, TLanes>.Weights(ref w, table, 4),
            Int8Kernel<TRecipe, TLanes>.Weights(ref w, table, 5),
            Int8Kernel<TRecipe, TLanes>.Weights(ref w, table, 6),
            Int8Kernel<TRecipe, TLanes>.Weights(ref w, table, 7),
            ref q
        );
}
