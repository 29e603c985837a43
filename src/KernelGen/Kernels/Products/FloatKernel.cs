using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>Float32 products of 16 repacked rows with an activation vector.</summary>
internal static class FloatKernel<TRecipe, TLanes>
    where TRecipe : struct, IInt8Recipe
    where TLanes : struct, IInt8Lanes<TLanes>
{
    /// <summary>16 rows times one vector.</summary>
    /// <param name="rows">The repacked rows.</param>
    /// <param name="block">Index of their block.</param>
    /// <param name="x">The activations, padded with zeros to whole slices.</param>
    /// <param name="totals">For each slice the sum of its activations; empty if there are no offsets.</param>
    /// <param name="sums">Receives 16 sums.</param>
    public static void Dot(in Int8Rows rows, int block, ReadOnlySpan<float> x, ReadOnlySpan<float> totals, ref float sums)
    {
        ref float table = ref MemoryMarshal.GetReference(TRecipe.Levels);
        TLanes levels = TRecipe.Nibbles ? TLanes.Levels(ref table) : TLanes.Zero;
        ref byte codes = ref Unsafe.Add(
            ref MemoryMarshal.GetReference(rows.Codes),
            (nint)block * rows.Slices * Int8Layout<TRecipe>.SliceBytes
        );
        int firstScale = block * rows.Groups * Int8Layout<TRecipe>.Rows,
            slices = rows.Slices;
        bool large = rows.IsLarge;
        for (int part = 0; part < Int8Layout<TRecipe>.Rows; part += TLanes.Rows)
        {
            ref byte w = ref Unsafe.Add(ref codes, 4 * part);
            ref float a = ref MemoryMarshal.GetReference(x);
            TLanes sum = TLanes.Zero;
            for (int s = 0; s < slices; s++)
            {
                if (large)
                {
                    Prefetch.Slice(ref w, Int8Layout<TRecipe>.SliceBytes);
                }
                TLanes dot = TRecipe.Nibbles ? NibbleSlice(levels, ref table, ref w, ref a) : ByteSlice(ref w, ref a);
                int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows + part;
                sum = TLanes.AddProduct(sum, dot, Int8Kernel<TRecipe, TLanes>.Scale(rows, at));
                if (TRecipe.Offsets)
                {
                    sum = TLanes.AddScaled(
                        sum,
                        TLanes.Floats(ref MemoryMarshal.GetReference(rows.Offsets), (nuint)at),
                        ref Unsafe.Add(ref MemoryMarshal.GetReference(totals), s)
                    );
                }
                w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
                a = ref Unsafe.Add(ref a, TRecipe.SliceColumns);
            }
            TLanes.Store(sum, TRecipe.Nibbles ? 1f : TRecipe.Step, ref sums, (nuint)part);
        }
    }

    /// <summary>Several sums in turn, as each waits for its last addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes NibbleSlice(TLanes levels, ref float table, ref byte w, ref float x)
    {
        TLanes a = TLanes.Nibbles(TLanes.Zero, levels, ref table, ref w, ref x);
        TLanes b = TLanes.Nibbles(TLanes.Zero, levels, ref table, ref Unsafe.Add(ref w, 64), ref Unsafe.Add(ref x, 8));
        if (TRecipe.SliceColumns == 32)
        {
            TLanes c = TLanes.Nibbles(TLanes.Zero, levels, ref table, ref Unsafe.Add(ref w, 128), ref Unsafe.Add(ref x, 16));
            TLanes d = TLanes.Nibbles(TLanes.Zero, levels, ref table, ref Unsafe.Add(ref w, 192), ref Unsafe.Add(ref x, 24));
            (a, b) = (TLanes.AddFloats(a, c), TLanes.AddFloats(b, d));
        }
        return TLanes.AddFloats(a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes ByteSlice(ref byte w, ref float x)
    {
        TLanes a = Quad(TLanes.Zero, ref w, ref x, 0),
            b = Quad(TLanes.Zero, ref w, ref x, 1);
        a = Quad(a, ref w, ref x, 2);
        b = Quad(b, ref w, ref x, 3);
        if (TRecipe.SliceColumns == 32)
        {
            a = Quad(Quad(a, ref w, ref x, 4), ref w, ref x, 6);
            b = Quad(Quad(b, ref w, ref x, 5), ref w, ref x, 7);
        }
        return TLanes.AddFloats(a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Quad(TLanes sum, ref byte w, ref float x, int quad) =>
        TLanes.Bytes(sum, TRecipe.Signed, TRecipe.Lowest, ref Unsafe.Add(ref w, 64 * quad), ref Unsafe.Add(ref x, 4 * quad));
}
