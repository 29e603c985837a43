using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>Float32 products of 16 repacked rows with one activation vector, and their weights for products with many.</summary>
/// <typeparam name="TRecipe">The format's recipe.</typeparam>
/// <typeparam name="TVector">A vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal static class FloatKernel<TRecipe, TVector, TLanes>
    where TRecipe : struct, IInt8Recipe
    where TVector : struct
    where TLanes : struct, ICodeLanes<TVector>
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
        TVector levels = TRecipe.Nibbles ? TLanes.Load(ref table, 0) : default;
        ref byte codes = ref Codes(rows, block, 0);
        int firstScale = block * rows.Groups * Int8Layout<TRecipe>.Rows,
            slices = rows.Slices;
        bool large = rows.IsLarge;
        for (int part = 0; part < Int8Layout<TRecipe>.Rows; part += TLanes.Count)
        {
            ref byte w = ref Unsafe.Add(ref codes, 4 * part);
            ref float a = ref MemoryMarshal.GetReference(x);
            TVector sum = TLanes.Broadcast(0f);
            for (int s = 0; s < slices; s++)
            {
                if (large)
                {
                    Prefetch.Slice(ref w, Int8Layout<TRecipe>.SliceBytes);
                }
                TVector dot = TRecipe.Nibbles ? NibbleSlice(levels, ref table, ref w, ref a) : ByteSlice(ref w, ref a);
                int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows + part;
                sum = TLanes.Estimate(dot, Scale(rows, at), sum);
                if (TRecipe.Offsets)
                {
                    // what bytes add up to is multiplied by the step at the end
                    float steps = TRecipe.Nibbles ? 1f : 1f / TRecipe.Step;
                    TVector total = TLanes.Broadcast(Unsafe.Add(ref MemoryMarshal.GetReference(totals), s) * steps);
                    sum = TLanes.Estimate(Offset(rows, at), total, sum);
                }
                w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
                a = ref Unsafe.Add(ref a, TRecipe.SliceColumns);
            }
            TLanes.Store(TRecipe.Nibbles ? sum : TLanes.Multiply(sum, TLanes.Broadcast(TRecipe.Step)), ref sums, (nuint)part);
        }
    }

    /// <summary>The weights of some slices, column by column, 16 rows side by side.</summary>
    /// <param name="rows">The repacked rows.</param>
    /// <param name="block">Index of their block.</param>
    /// <param name="firstSlice">The first slice.</param>
    /// <param name="count">Number of slices.</param>
    /// <param name="target">Receives the weights.</param>
    /// <param name="stride">Distance of columns.</param>
    public static void Decode(in Int8Rows rows, int block, int firstSlice, int count, ref float target, int stride)
    {
        ref float table = ref MemoryMarshal.GetReference(TRecipe.Levels);
        TVector levels = TRecipe.Nibbles ? TLanes.Load(ref table, 0) : default;
        for (int part = 0; part < Int8Layout<TRecipe>.Rows; part += TLanes.Count)
        {
            ref byte w = ref Unsafe.Add(ref Codes(rows, block, firstSlice), 4 * part);
            ref float to = ref Unsafe.Add(ref target, part);
            for (int s = firstSlice; s < firstSlice + count; s++)
            {
                int at = (block * rows.Groups + s / TRecipe.SlicesPerScale) * Int8Layout<TRecipe>.Rows + part;
                TVector scale = Scale(rows, at),
                    offset = TRecipe.Offsets ? Offset(rows, at) : default;
                if (!TRecipe.Nibbles)
                {
                    scale = TLanes.Multiply(scale, TLanes.Broadcast(TRecipe.Step));
                }
                for (int column = 0; column < TRecipe.SliceColumns; column += TRecipe.Nibbles ? 8 : 4)
                {
                    TVector bits = TLanes.Bits(ref w);
                    if (TRecipe.Nibbles)
                    {
                        Store(TLanes.Nibble(levels, ref table, bits, 0), scale, offset, ref to, 0);
                        Store(TLanes.Nibble(levels, ref table, bits, 8), scale, offset, ref to, stride);
                        Store(TLanes.Nibble(levels, ref table, bits, 16), scale, offset, ref to, 2 * stride);
                        Store(TLanes.Nibble(levels, ref table, bits, 24), scale, offset, ref to, 3 * stride);
                        Store(TLanes.Nibble(levels, ref table, bits, 4), scale, offset, ref to, 4 * stride);
                        Store(TLanes.Nibble(levels, ref table, bits, 12), scale, offset, ref to, 5 * stride);
                        Store(TLanes.Nibble(levels, ref table, bits, 20), scale, offset, ref to, 6 * stride);
                        Store(TLanes.Nibble(levels, ref table, bits, 28), scale, offset, ref to, 7 * stride);
                    }
                    else
                    {
                        Store(Weight(bits, 0), scale, offset, ref to, 0);
                        Store(Weight(bits, 1), scale, offset, ref to, stride);
                        Store(Weight(bits, 2), scale, offset, ref to, 2 * stride);
                        Store(Weight(bits, 3), scale, offset, ref to, 3 * stride);
                    }
                    w = ref Unsafe.Add(ref w, 64);
                    to = ref Unsafe.Add(ref to, stride * (TRecipe.Nibbles ? 8 : 4));
                }
            }
        }
    }

    /// <summary>The same where a weight is the sum of several terms, which lie group after group.</summary>
    /// <inheritdoc cref="Decode"/>
    public static void DecodeSums(in Int8Rows rows, int block, int firstSlice, int count, ref float target, int stride)
    {
        Span<float> term = stackalloc float[TRecipe.SliceColumns * Int8Layout<TRecipe>.Rows];
        for (int slice = firstSlice; slice < firstSlice + count; slice++)
        {
            int first = slice + slice / TRecipe.SlicesPerScale * TRecipe.SlicesPerScale * (TRecipe.Stages - 1);
            Decode(rows, block, first, 1, ref target, stride);
            for (int stage = 1; stage < TRecipe.Stages; stage++)
            {
                Decode(rows, block, first + stage * TRecipe.SlicesPerScale, 1, ref term[0], Int8Layout<TRecipe>.Rows);
                for (int column = 0; column < TRecipe.SliceColumns; column++)
                {
                    for (int part = 0; part < Int8Layout<TRecipe>.Rows; part += TLanes.Count)
                    {
                        nuint at = (nuint)(column * stride + part);
                        TVector sum = TLanes.Load(ref target, at),
                            more = TLanes.Load(ref term[0], (nuint)(column * Int8Layout<TRecipe>.Rows + part));
                        TLanes.Store(TLanes.Add(sum, more), ref target, at);
                    }
                }
            }
            target = ref Unsafe.Add(ref target, stride * TRecipe.SliceColumns);
        }
    }

    /// <summary>The value of a byte, before its step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Weight(TVector bits, int index)
    {
        if (TRecipe.Exponent > 0)
        {
            return TLanes.SmallFloat(bits, index, TRecipe.Exponent, TRecipe.Bias);
        }
        TVector number = TLanes.Byte(bits, index, TRecipe.Signed);
        return TRecipe.Lowest + TRecipe.Shift == 0f ? number : TLanes.Add(number, TLanes.Broadcast(TRecipe.Lowest + TRecipe.Shift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector level, TVector scale, TVector offset, ref float target, int at)
    {
        TVector weight = TLanes.Multiply(level, scale);
        TLanes.Store(TRecipe.Offsets ? TLanes.Add(weight, offset) : weight, ref target, (nuint)at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Codes(in Int8Rows rows, int block, int slice) =>
        ref Unsafe.Add(ref MemoryMarshal.GetReference(rows.Codes), ((nint)block * rows.Slices + slice) * Int8Layout<TRecipe>.SliceBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Scale(in Int8Rows rows, int at) =>
        TRecipe.HalfScales
            ? TLanes.Halves(ref MemoryMarshal.GetReference(rows.Scales), (nuint)at)
            : TLanes.Load(ref MemoryMarshal.GetReference(rows.FloatScales), (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Offset(in Int8Rows rows, int at) => TLanes.Load(ref MemoryMarshal.GetReference(rows.Offsets), (nuint)at);

    /// <summary>Several sums in turn, as each waits for its last addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector NibbleSlice(TVector levels, ref float table, ref byte w, ref float x)
    {
        TVector a = Eight(levels, ref table, ref w, ref x);
        TVector b = Eight(levels, ref table, ref Unsafe.Add(ref w, 64), ref Unsafe.Add(ref x, 8));
        if (TRecipe.SliceColumns == 32)
        {
            TVector c = Eight(levels, ref table, ref Unsafe.Add(ref w, 128), ref Unsafe.Add(ref x, 16));
            TVector d = Eight(levels, ref table, ref Unsafe.Add(ref w, 192), ref Unsafe.Add(ref x, 24));
            (a, b) = (TLanes.Add(a, c), TLanes.Add(b, d));
        }
        return TLanes.Add(a, b);
    }

    /// <summary>
    /// Eight columns, whose codes are the nibbles of a vector; see <see cref="Int8Layout{TRecipe}"/>. Two chains, as each addition waits
    /// for the last.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Eight(TVector levels, ref float table, ref byte codes, ref float x)
    {
        TVector v = TLanes.Bits(ref codes);
        TVector a = TLanes.Multiply(TLanes.Nibble(levels, ref table, v, 0), TLanes.Broadcast(x)),
            b = TLanes.Multiply(TLanes.Nibble(levels, ref table, v, 4), TLanes.Broadcast(Unsafe.Add(ref x, 4)));
        a = TLanes.Estimate(TLanes.Nibble(levels, ref table, v, 8), TLanes.Broadcast(Unsafe.Add(ref x, 1)), a);
        b = TLanes.Estimate(TLanes.Nibble(levels, ref table, v, 12), TLanes.Broadcast(Unsafe.Add(ref x, 5)), b);
        a = TLanes.Estimate(TLanes.Nibble(levels, ref table, v, 16), TLanes.Broadcast(Unsafe.Add(ref x, 2)), a);
        b = TLanes.Estimate(TLanes.Nibble(levels, ref table, v, 20), TLanes.Broadcast(Unsafe.Add(ref x, 6)), b);
        a = TLanes.Estimate(TLanes.Nibble(levels, ref table, v, 24), TLanes.Broadcast(Unsafe.Add(ref x, 3)), a);
        b = TLanes.Estimate(TLanes.Nibble(levels, ref table, v, 28), TLanes.Broadcast(Unsafe.Add(ref x, 7)), b);
        return TLanes.Add(a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector ByteSlice(ref byte w, ref float x)
    {
        TVector a = Quad(TLanes.Broadcast(0f), ref w, ref x, 0),
            b = Quad(TLanes.Broadcast(0f), ref w, ref x, 1);
        a = Quad(a, ref w, ref x, 2);
        b = Quad(b, ref w, ref x, 3);
        if (TRecipe.SliceColumns == 32)
        {
            a = Quad(Quad(a, ref w, ref x, 4), ref w, ref x, 6);
            b = Quad(Quad(b, ref w, ref x, 5), ref w, ref x, 7);
        }
        return TLanes.Add(a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Quad(TVector sum, ref byte w, ref float x, int quad)
    {
        TVector v = TLanes.Bits(ref Unsafe.Add(ref w, 64 * quad));
        x = ref Unsafe.Add(ref x, 4 * quad);
        sum = TLanes.Estimate(Weight(v, 0), TLanes.Broadcast(x), sum);
        sum = TLanes.Estimate(Weight(v, 1), TLanes.Broadcast(Unsafe.Add(ref x, 1)), sum);
        sum = TLanes.Estimate(Weight(v, 2), TLanes.Broadcast(Unsafe.Add(ref x, 2)), sum);
        return TLanes.Estimate(Weight(v, 3), TLanes.Broadcast(Unsafe.Add(ref x, 3)), sum);
    }
}
