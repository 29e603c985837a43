using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelGen;

/// <summary>
/// Integer dot products of 16 repacked rows with one, two or four activation vectors. Sums of bytes stay in 16 bits as long
/// as they fit, then in 32, and meet float32 once a slice. Written once; compiled for each recipe and width.
/// </summary>
internal static class Int8Kernel<TRecipe, TLanes> where TRecipe : struct, IInt8Recipe where TLanes : struct, IInt8Lanes<TLanes>
{
    /// <summary>16 rows times one vector.</summary>
    /// <param name="rows">The repacked rows.</param>
    /// <param name="block">Index of their block.</param>
    /// <param name="x">The activation vectors.</param>
    /// <param name="first">Index of the first vector.</param>
    /// <param name="sums">Receives 16 sums for each vector.</param>
    public static void Dot(in Int8Rows rows, int block, in Int8Vectors x, int first, ref float sums)
    {
        TLanes table = TRecipe.HasTable ? TLanes.Table(TRecipe.Table) : TLanes.Zero;
        ref byte codes = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows.Codes), (nint)block * rows.Slices * Int8Layout<TRecipe>.SliceBytes);
        int firstScale = block * rows.Groups * Int8Layout<TRecipe>.Rows, slices = rows.Slices;
        for (int part = 0; part < Int8Layout<TRecipe>.Rows; part += TLanes.Rows)
        {
            ref byte w = ref Unsafe.Add(ref codes, 4 * part);
            ref sbyte q = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Codes), first * Int8Activations.Group);
            ref float activation = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Scales), first);
            ref int correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), first);
            ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), first);
            TLanes sum = TLanes.Zero;
            for (int s = 0; s < slices; s++)
            {
                TLanes dot = First(Weights(ref w, table, 0), Weights(ref w, table, 1), Weights(ref w, table, 2), Weights(ref w, table, 3), ref q);
                dot = TRecipe.SliceColumns == 32
                    ? Last(dot, Weights(ref w, table, 4), Weights(ref w, table, 5), Weights(ref w, table, 6), Weights(ref w, table, 7), ref q)
                    : Close(dot);
                int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows + part;
                TLanes scale = Scale(rows, at);
                sum = TLanes.Accumulate(sum, Shift(dot, ref correction), scale, ref activation);
                if (TRecipe.Offsets)
                {
                    TLanes offset = TLanes.Floats(ref MemoryMarshal.GetReference(rows.Offsets), (nuint)at);
                    sum = TLanes.AddScaled(sum, offset, ref total);
                    total = ref Unsafe.Add(ref total, x.Count);
                }
                bool nextGroup = TRecipe.SliceColumns == 32 || s % 2 == 1;
                w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
                q = ref Unsafe.Add(ref q, TRecipe.SliceColumns == 32 ? x.Count * 32 : s % 2 == 0 ? 16 : x.Count * 32 - 16);
                activation = ref Unsafe.Add(ref activation, nextGroup ? x.Count : 0);
                correction = ref Unsafe.Add(ref correction, x.Count);
            }
            TLanes.Store(sum, TRecipe.Step, ref sums, (nuint)part);
        }
    }

    /// <summary>16 rows times two neighbouring vectors: weights are spread once and used twice.</summary>
    /// <inheritdoc cref="Dot"/>
    public static void DotTwo(in Int8Rows rows, int block, in Int8Vectors x, int first, ref float sums)
    {
        TLanes table = TRecipe.HasTable ? TLanes.Table(TRecipe.Table) : TLanes.Zero;
        ref byte codes = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows.Codes), (nint)block * rows.Slices * Int8Layout<TRecipe>.SliceBytes);
        int firstScale = block * rows.Groups * Int8Layout<TRecipe>.Rows, slices = rows.Slices;
        for (int part = 0; part < Int8Layout<TRecipe>.Rows; part += TLanes.Rows)
        {
            ref byte w = ref Unsafe.Add(ref codes, 4 * part);
            ref sbyte q = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Codes), first * Int8Activations.Group);
            ref float activation = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Scales), first);
            ref int correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), first);
            ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), first);
            TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero;
            for (int s = 0; s < slices; s++)
            {
                TLanes w0 = Weights(ref w, table, 0), w1 = Weights(ref w, table, 1), w2 = Weights(ref w, table, 2), w3 = Weights(ref w, table, 3);
                TLanes dot0 = First(w0, w1, w2, w3, ref q);
                TLanes dot1 = First(w0, w1, w2, w3, ref Unsafe.Add(ref q, 32));
                if (TRecipe.SliceColumns == 32)
                {
                    TLanes w4 = Weights(ref w, table, 4), w5 = Weights(ref w, table, 5), w6 = Weights(ref w, table, 6), w7 = Weights(ref w, table, 7);
                    dot0 = Last(dot0, w4, w5, w6, w7, ref q);
                    dot1 = Last(dot1, w4, w5, w6, w7, ref Unsafe.Add(ref q, 32));
                }
                else
                {
                    (dot0, dot1) = (Close(dot0), Close(dot1));
                }
                int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows + part;
                TLanes scale = Scale(rows, at);
                sum0 = TLanes.Accumulate(sum0, Shift(dot0, ref correction), scale, ref activation);
                sum1 = TLanes.Accumulate(sum1, Shift(dot1, ref Unsafe.Add(ref correction, 1)), scale, ref Unsafe.Add(ref activation, 1));
                if (TRecipe.Offsets)
                {
                    TLanes offset = TLanes.Floats(ref MemoryMarshal.GetReference(rows.Offsets), (nuint)at);
                    sum0 = TLanes.AddScaled(sum0, offset, ref total);
                    sum1 = TLanes.AddScaled(sum1, offset, ref Unsafe.Add(ref total, 1));
                    total = ref Unsafe.Add(ref total, x.Count);
                }
                bool nextGroup = TRecipe.SliceColumns == 32 || s % 2 == 1;
                w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
                q = ref Unsafe.Add(ref q, TRecipe.SliceColumns == 32 ? x.Count * 32 : s % 2 == 0 ? 16 : x.Count * 32 - 16);
                activation = ref Unsafe.Add(ref activation, nextGroup ? x.Count : 0);
                correction = ref Unsafe.Add(ref correction, x.Count);
            }
            TLanes.Store(sum0, TRecipe.Step, ref sums, (nuint)part);
            TLanes.Store(sum1, TRecipe.Step, ref sums, (nuint)(16 + part));
        }
    }

    /// <summary>16 rows times four neighbouring vectors.</summary>
    /// <inheritdoc cref="Dot"/>
    public static void DotFour(in Int8Rows rows, int block, in Int8Vectors x, int first, ref float sums)
    {
        TLanes table = TRecipe.HasTable ? TLanes.Table(TRecipe.Table) : TLanes.Zero;
        ref byte codes = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows.Codes), (nint)block * rows.Slices * Int8Layout<TRecipe>.SliceBytes);
        int firstScale = block * rows.Groups * Int8Layout<TRecipe>.Rows, slices = rows.Slices;
        for (int part = 0; part < Int8Layout<TRecipe>.Rows; part += TLanes.Rows)
        {
            ref byte w = ref Unsafe.Add(ref codes, 4 * part);
            ref sbyte q = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Codes), first * Int8Activations.Group);
            ref float activation = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Scales), first);
            ref int correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), first);
            ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), first);
            TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, sum2 = TLanes.Zero, sum3 = TLanes.Zero;
            for (int s = 0; s < slices; s++)
            {
                TLanes w0 = Weights(ref w, table, 0), w1 = Weights(ref w, table, 1), w2 = Weights(ref w, table, 2), w3 = Weights(ref w, table, 3);
                TLanes dot0 = First(w0, w1, w2, w3, ref q);
                TLanes dot1 = First(w0, w1, w2, w3, ref Unsafe.Add(ref q, 32));
                TLanes dot2 = First(w0, w1, w2, w3, ref Unsafe.Add(ref q, 64));
                TLanes dot3 = First(w0, w1, w2, w3, ref Unsafe.Add(ref q, 96));
                if (TRecipe.SliceColumns == 32)
                {
                    TLanes w4 = Weights(ref w, table, 4), w5 = Weights(ref w, table, 5), w6 = Weights(ref w, table, 6), w7 = Weights(ref w, table, 7);
                    dot0 = Last(dot0, w4, w5, w6, w7, ref q);
                    dot1 = Last(dot1, w4, w5, w6, w7, ref Unsafe.Add(ref q, 32));
                    dot2 = Last(dot2, w4, w5, w6, w7, ref Unsafe.Add(ref q, 64));
                    dot3 = Last(dot3, w4, w5, w6, w7, ref Unsafe.Add(ref q, 96));
                }
                else
                {
                    (dot0, dot1, dot2, dot3) = (Close(dot0), Close(dot1), Close(dot2), Close(dot3));
                }
                int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows + part;
                TLanes scale = Scale(rows, at);
                sum0 = TLanes.Accumulate(sum0, Shift(dot0, ref correction), scale, ref activation);
                sum1 = TLanes.Accumulate(sum1, Shift(dot1, ref Unsafe.Add(ref correction, 1)), scale, ref Unsafe.Add(ref activation, 1));
                sum2 = TLanes.Accumulate(sum2, Shift(dot2, ref Unsafe.Add(ref correction, 2)), scale, ref Unsafe.Add(ref activation, 2));
                sum3 = TLanes.Accumulate(sum3, Shift(dot3, ref Unsafe.Add(ref correction, 3)), scale, ref Unsafe.Add(ref activation, 3));
                if (TRecipe.Offsets)
                {
                    TLanes offset = TLanes.Floats(ref MemoryMarshal.GetReference(rows.Offsets), (nuint)at);
                    sum0 = TLanes.AddScaled(sum0, offset, ref total);
                    sum1 = TLanes.AddScaled(sum1, offset, ref Unsafe.Add(ref total, 1));
                    sum2 = TLanes.AddScaled(sum2, offset, ref Unsafe.Add(ref total, 2));
                    sum3 = TLanes.AddScaled(sum3, offset, ref Unsafe.Add(ref total, 3));
                    total = ref Unsafe.Add(ref total, x.Count);
                }
                bool nextGroup = TRecipe.SliceColumns == 32 || s % 2 == 1;
                w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
                q = ref Unsafe.Add(ref q, TRecipe.SliceColumns == 32 ? x.Count * 32 : s % 2 == 0 ? 16 : x.Count * 32 - 16);
                activation = ref Unsafe.Add(ref activation, nextGroup ? x.Count : 0);
                correction = ref Unsafe.Add(ref correction, x.Count);
            }
            TLanes.Store(sum0, TRecipe.Step, ref sums, (nuint)part);
            TLanes.Store(sum1, TRecipe.Step, ref sums, (nuint)(16 + part));
            TLanes.Store(sum2, TRecipe.Step, ref sums, (nuint)(32 + part));
            TLanes.Store(sum3, TRecipe.Step, ref sums, (nuint)(48 + part));
        }
    }

    /// <summary>The bytes of four columns of a vector's rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Weights(ref byte w, TLanes table, int quad)
    {
        if (!TRecipe.Nibbles)
        {
            return TLanes.Bytes(ref w, (nuint)(64 * quad));
        }
        TLanes nibbles = quad % 2 == 0 ? TLanes.LowNibbles(ref w, (nuint)(32 * quad)) : TLanes.HighNibbles(ref w, (nuint)(32 * (quad - 1)));
        return TRecipe.HasTable ? TLanes.Lookup(table, nibbles) : nibbles;
    }

    /// <summary>The scales of a vector's rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Scale(in Int8Rows rows, int at) => TRecipe.HalfScales
        ? TLanes.Halves(ref MemoryMarshal.GetReference(rows.Scales), (nuint)at)
        : TLanes.Floats(ref MemoryMarshal.GetReference(rows.FloatScales), (nuint)at);

    /// <summary>What the lowest integer contributes joins a dot product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Shift(TLanes dot, ref int correction) => TRecipe.Lowest == 0 ? dot : TLanes.Shift(dot, ref correction);

    /// <summary>The first 16 columns of a slice: 16-bit sums if all 32 may be chained, else 32-bit ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes First(TLanes w0, TLanes w1, TLanes w2, TLanes w3, ref sbyte x)
        => TRecipe.Signed ? TLanes.Signed(w0, w1, w2, w3, ref x)
        : TRecipe.Chain == 8 ? TLanes.Chain(w0, w1, w2, w3, ref x)
        : TRecipe.Chain == 4 ? TLanes.Widen(TLanes.Chain(w0, w1, w2, w3, ref x))
        : TRecipe.Chain == 2 ? TLanes.Twos(w0, w1, w2, w3, ref x)
        : TLanes.Ones(w0, w1, w2, w3, ref x);

    /// <summary>The last 16 columns, joined to the first: 32-bit sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Last(TLanes dot, TLanes w4, TLanes w5, TLanes w6, TLanes w7, ref sbyte x)
        => TRecipe.Chain == 8 ? TLanes.Widen(TLanes.ChainOn(dot, w4, w5, w6, w7, ref Unsafe.Add(ref x, 16)))
        : TLanes.Add(dot, First(w4, w5, w6, w7, ref Unsafe.Add(ref x, 16)));

    /// <summary>32-bit sums of a slice of 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Close(TLanes dot) => TRecipe.Chain == 8 ? TLanes.Widen(dot) : dot;
}
