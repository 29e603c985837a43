using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Integer dot products of 16 repacked rows with one, two or four activation vectors. Sums of bytes stay in 16 bits as
/// long as they fit, then in 32, and meet float32 once a slice. The weights of a slice are spread into registers once and meet
/// one vector after the other, whose float32 sums stay in registers over all slices. Written once; compiled for each recipe and width.
/// </summary>
internal static class Int8Kernel<TRecipe, TLanes>
    where TRecipe : struct, IInt8Recipe
    where TLanes : struct, IInt8Lanes<TLanes>
{
    /// <summary>16 rows times one vector.</summary>
    /// <param name="rows">The repacked rows.</param>
    /// <param name="block">Index of their block.</param>
    /// <param name="x">The activation vectors.</param>
    /// <param name="first">Index of the first vector.</param>
    /// <param name="fetch">Whether the weights come from memory and are to be asked for ahead.</param>
    /// <param name="y">Receives 16 sums for each vector.</param>
    /// <param name="stride">From the sums of one vector to those of the next.</param>
    public static void Dot(in Int8Rows rows, int block, in Int8Vectors x, int first, bool fetch, ref float y, nint stride)
    {
        TLanes table = Table();
        ref byte codes = ref Codes(rows, block);
        int firstScale = block * rows.Groups * Int8Layout<TRecipe>.Rows,
            slices = rows.Slices,
            count = x.Count;
        for (int part = 0; part < Int8Layout<TRecipe>.Rows; part += TLanes.Rows)
        {
            ref byte w = ref Unsafe.Add(ref codes, 4 * part);
            ref sbyte q = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Codes), first * Int8Activations.Group);
            ref float activation = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Scales), first);
            ref float correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), first);
            ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), first);
            TLanes sum = TLanes.Zero;
            for (int s = 0; s < slices; s++)
            {
                if (fetch)
                {
                    Prefetch.Slice(ref w, Int8Layout<TRecipe>.SliceBytes);
                }
                TLanes w0 = Weights(ref w, table, 0),
                    w1 = Weights(ref w, table, 1),
                    w2 = Weights(ref w, table, 2),
                    w3 = Weights(ref w, table, 3);
                TLanes w4 = Rest(ref w, table, 4),
                    w5 = Rest(ref w, table, 5),
                    w6 = Rest(ref w, table, 6),
                    w7 = Rest(ref w, table, 7);
                int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows + part;
                TLanes scale = Scale(rows, at),
                    offset = Offset(rows, at);
                sum = Add(sum, w0, w1, w2, w3, w4, w5, w6, w7, scale, offset, 0, ref q, ref activation, ref correction, ref total);
                w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
                q = ref Unsafe.Add(ref q, NextCodes(s, count));
                activation = ref Unsafe.Add(ref activation, NextScale(s, count));
                correction = ref Unsafe.Add(ref correction, count);
                total = ref Unsafe.Add(ref total, TRecipe.Offsets ? count : 0);
            }
            TLanes.Store(sum, TRecipe.Step, ref y, (nuint)part);
        }
    }

    /// <summary>16 rows times two neighbouring vectors.</summary>
    /// <inheritdoc cref="Dot"/>
    public static void DotTwo(in Int8Rows rows, int block, in Int8Vectors x, int first, bool fetch, ref float y, nint stride)
    {
        TLanes table = Table();
        ref byte codes = ref Codes(rows, block);
        int firstScale = block * rows.Groups * Int8Layout<TRecipe>.Rows,
            slices = rows.Slices,
            count = x.Count;
        for (int part = 0; part < Int8Layout<TRecipe>.Rows; part += TLanes.Rows)
        {
            ref byte w = ref Unsafe.Add(ref codes, 4 * part);
            ref sbyte q = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Codes), first * Int8Activations.Group);
            ref float activation = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Scales), first);
            ref float correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), first);
            ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), first);
            TLanes sum0 = TLanes.Zero,
                sum1 = TLanes.Zero;
            for (int s = 0; s < slices; s++)
            {
                if (fetch)
                {
                    Prefetch.Slice(ref w, Int8Layout<TRecipe>.SliceBytes);
                }
                TLanes w0 = Weights(ref w, table, 0),
                    w1 = Weights(ref w, table, 1),
                    w2 = Weights(ref w, table, 2),
                    w3 = Weights(ref w, table, 3);
                TLanes w4 = Rest(ref w, table, 4),
                    w5 = Rest(ref w, table, 5),
                    w6 = Rest(ref w, table, 6),
                    w7 = Rest(ref w, table, 7);
                int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows + part;
                TLanes scale = Scale(rows, at),
                    offset = Offset(rows, at);
                sum0 = Add(sum0, w0, w1, w2, w3, w4, w5, w6, w7, scale, offset, 0, ref q, ref activation, ref correction, ref total);
                sum1 = Add(sum1, w0, w1, w2, w3, w4, w5, w6, w7, scale, offset, 1, ref q, ref activation, ref correction, ref total);
                w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
                q = ref Unsafe.Add(ref q, NextCodes(s, count));
                activation = ref Unsafe.Add(ref activation, NextScale(s, count));
                correction = ref Unsafe.Add(ref correction, count);
                total = ref Unsafe.Add(ref total, TRecipe.Offsets ? count : 0);
            }
            TLanes.Store(sum0, TRecipe.Step, ref y, (nuint)part);
            TLanes.Store(sum1, TRecipe.Step, ref Unsafe.Add(ref y, stride), (nuint)part);
        }
    }

    /// <summary>16 rows times four neighbouring vectors.</summary>
    /// <inheritdoc cref="Dot"/>
    public static void DotFour(in Int8Rows rows, int block, in Int8Vectors x, int first, bool fetch, ref float y, nint stride)
    {
        TLanes table = Table();
        ref byte codes = ref Codes(rows, block);
        int firstScale = block * rows.Groups * Int8Layout<TRecipe>.Rows,
            slices = rows.Slices,
            count = x.Count;
        for (int part = 0; part < Int8Layout<TRecipe>.Rows; part += TLanes.Rows)
        {
            ref byte w = ref Unsafe.Add(ref codes, 4 * part);
            ref sbyte q = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Codes), first * Int8Activations.Group);
            ref float activation = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Scales), first);
            ref float correction = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Corrections), first);
            ref float total = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Totals), first);
            TLanes sum0 = TLanes.Zero,
                sum1 = TLanes.Zero,
                sum2 = TLanes.Zero,
                sum3 = TLanes.Zero;
            for (int s = 0; s < slices; s++)
            {
                if (fetch)
                {
                    Prefetch.Slice(ref w, Int8Layout<TRecipe>.SliceBytes);
                }
                TLanes w0 = Weights(ref w, table, 0),
                    w1 = Weights(ref w, table, 1),
                    w2 = Weights(ref w, table, 2),
                    w3 = Weights(ref w, table, 3);
                TLanes w4 = Rest(ref w, table, 4),
                    w5 = Rest(ref w, table, 5),
                    w6 = Rest(ref w, table, 6),
                    w7 = Rest(ref w, table, 7);
                int at = firstScale + s / TRecipe.SlicesPerScale * Int8Layout<TRecipe>.Rows + part;
                TLanes scale = Scale(rows, at),
                    offset = Offset(rows, at);
                sum0 = Add(sum0, w0, w1, w2, w3, w4, w5, w6, w7, scale, offset, 0, ref q, ref activation, ref correction, ref total);
                sum1 = Add(sum1, w0, w1, w2, w3, w4, w5, w6, w7, scale, offset, 1, ref q, ref activation, ref correction, ref total);
                sum2 = Add(sum2, w0, w1, w2, w3, w4, w5, w6, w7, scale, offset, 2, ref q, ref activation, ref correction, ref total);
                sum3 = Add(sum3, w0, w1, w2, w3, w4, w5, w6, w7, scale, offset, 3, ref q, ref activation, ref correction, ref total);
                w = ref Unsafe.Add(ref w, Int8Layout<TRecipe>.SliceBytes);
                q = ref Unsafe.Add(ref q, NextCodes(s, count));
                activation = ref Unsafe.Add(ref activation, NextScale(s, count));
                correction = ref Unsafe.Add(ref correction, count);
                total = ref Unsafe.Add(ref total, TRecipe.Offsets ? count : 0);
            }
            TLanes.Store(sum0, TRecipe.Step, ref y, (nuint)part);
            TLanes.Store(sum1, TRecipe.Step, ref Unsafe.Add(ref y, stride), (nuint)part);
            TLanes.Store(sum2, TRecipe.Step, ref Unsafe.Add(ref y, 2 * stride), (nuint)part);
            TLanes.Store(sum3, TRecipe.Step, ref Unsafe.Add(ref y, 3 * stride), (nuint)part);
        }
    }

    /// <summary>The bytes that nibbles stand for, if there is a table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Table() =>
        !TRecipe.HasTable ? TLanes.Zero
        : TRecipe.Signed ? TLanes.Biased(TLanes.Table(TRecipe.Table))
        : TLanes.Table(TRecipe.Table);

    /// <summary>The bytes of four columns of a vector's rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Weights(ref byte w, TLanes table, int quad)
    {
        if (!TRecipe.Nibbles)
        {
            TLanes bytes = TLanes.Bytes(ref w, (nuint)(64 * quad));
            return TRecipe.Signed ? TLanes.Biased(bytes) : bytes;
        }
        TLanes nibbles = quad % 2 == 0 ? TLanes.LowNibbles(ref w, (nuint)(32 * quad)) : TLanes.HighNibbles(ref w, (nuint)(32 * (quad - 1)));
        return TRecipe.HasTable ? TLanes.Lookup(table, nibbles) : nibbles;
    }

    /// <summary>The scales of a vector's rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Scale(in Int8Rows rows, int at) =>
        TRecipe.HalfScales
            ? TLanes.Halves(ref MemoryMarshal.GetReference(rows.Scales), (nuint)at)
            : TLanes.Floats(ref MemoryMarshal.GetReference(rows.FloatScales), (nuint)at);

    /// <summary>The offsets of a vector's rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Offset(in Int8Rows rows, int at) =>
        TRecipe.Offsets ? TLanes.Floats(ref MemoryMarshal.GetReference(rows.Offsets), (nuint)at) : TLanes.Zero;

    /// <summary>
    /// A dot product joins a sum; what the lowest integer contributes comes by the fused addition that scales it, for nothing. Signed
    /// weights have begun with it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Accumulate(TLanes sum, TLanes dot, TLanes scale, ref float activation, ref float correction) =>
        Int8Layout<TRecipe>.Lowest<TLanes>() == 0 || TRecipe.Signed
            ? TLanes.Accumulate(sum, dot, scale, ref activation)
            : TLanes.Accumulate(sum, dot, scale, ref activation, ref correction);

    /// <summary>
    /// The first 16 columns of a slice: 16-bit sums if all 32 may be chained, else 32-bit ones, which begin with the correction if weights
    /// are signed.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes First(TLanes w0, TLanes w1, TLanes w2, TLanes w3, ref sbyte x, ref float correction) =>
        !TRecipe.Signed ? Unsigned(w0, w1, w2, w3, ref x)
        : Int8Layout<TRecipe>.Lowest<TLanes>() == 0 ? TLanes.Signed(w0, w1, w2, w3, ref x)
        : TLanes.SignedOn(TLanes.Integers(ref correction), w0, w1, w2, w3, ref x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Unsigned(TLanes w0, TLanes w1, TLanes w2, TLanes w3, ref sbyte x) =>
        TRecipe.Chain == 8 ? TLanes.Chain(w0, w1, w2, w3, ref x)
        : TRecipe.Chain == 4 ? TLanes.Widen(TLanes.Chain(w0, w1, w2, w3, ref x))
        : TRecipe.Chain == 2 ? TLanes.Twos(w0, w1, w2, w3, ref x)
        : TLanes.Ones(w0, w1, w2, w3, ref x);

    /// <summary>The last 16 columns, joined to the first: 32-bit sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Last(TLanes dot, TLanes w4, TLanes w5, TLanes w6, TLanes w7, ref sbyte x) =>
        TRecipe.Signed ? TLanes.SignedOn(dot, w4, w5, w6, w7, ref Unsafe.Add(ref x, 16))
        : TRecipe.Chain == 8 ? TLanes.Widen(TLanes.ChainOn(dot, w4, w5, w6, w7, ref Unsafe.Add(ref x, 16)))
        : TLanes.Add(dot, Unsigned(w4, w5, w6, w7, ref Unsafe.Add(ref x, 16)));

    /// <summary>32-bit sums of a slice of 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Close(TLanes dot) => TRecipe.Chain == 8 ? TLanes.Widen(dot) : dot;

    /// <summary>32-bit sums of a slice of two blocks of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Both(
        TLanes w0,
        TLanes w1,
        TLanes w2,
        TLanes w3,
        TLanes w4,
        TLanes w5,
        TLanes w6,
        TLanes w7,
        TLanes u0,
        TLanes u1,
        TLanes u2,
        TLanes u3,
        TLanes u4,
        TLanes u5,
        TLanes u6,
        TLanes u7,
        ref sbyte x,
        ref float correction,
        out TLanes first,
        out TLanes second
    )
    {
        if (TRecipe.Signed || TRecipe.Chain < 4)
        {
            (first, second) = (First(w0, w1, w2, w3, ref x, ref correction), First(u0, u1, u2, u3, ref x, ref correction));
            if (TRecipe.SliceColumns == 32)
            {
                (first, second) = (Last(first, w4, w5, w6, w7, ref x), Last(second, u4, u5, u6, u7, ref x));
            }
            return;
        }
        TLanes.ChainBoth(w0, w1, w2, w3, u0, u1, u2, u3, ref x, out first, out second);
        if (TRecipe.SliceColumns == 32)
        {
            // a chain of its own: each addition waits for the last
            TLanes.ChainBoth(w4, w5, w6, w7, u4, u5, u6, u7, ref Unsafe.Add(ref x, 16), out TLanes last, out TLanes lastSecond);
            (first, second) =
                TRecipe.Chain == 8
                    ? (TLanes.Widen(TLanes.AddShorts(first, last)), TLanes.Widen(TLanes.AddShorts(second, lastSecond)))
                    : (TLanes.Add(TLanes.Widen(first), TLanes.Widen(last)), TLanes.Add(TLanes.Widen(second), TLanes.Widen(lastSecond)));
            return;
        }
        (first, second) = (TLanes.Widen(first), TLanes.Widen(second));
    }

    /// <summary>From the codes of a slice to those of the next; two slices of 16 columns share a group of activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NextCodes(int slice, int count) =>
        TRecipe.SliceColumns == 32 ? count * 32
        : slice % 2 == 0 ? 16
        : count * 32 - 16;

    /// <summary>From the activation scale of a slice to that of the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NextScale(int slice, int count) => TRecipe.SliceColumns == 32 || slice % 2 == 1 ? count : 0;

    /// <summary>The codes of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Codes(in Int8Rows rows, int block) =>
        ref Unsafe.Add(ref MemoryMarshal.GetReference(rows.Codes), (nint)block * rows.Slices * Int8Layout<TRecipe>.SliceBytes);

    /// <summary>Quads that only slices of 32 columns have.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Rest(ref byte w, TLanes table, int quad) => TRecipe.SliceColumns == 32 ? Weights(ref w, table, quad) : TLanes.Zero;

    /// <summary>
    /// A slice of weights times that of a vector joins its sums. All of one vector before the next: the fewest registers live.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Add(
        TLanes sum,
        TLanes w0,
        TLanes w1,
        TLanes w2,
        TLanes w3,
        TLanes w4,
        TLanes w5,
        TLanes w6,
        TLanes w7,
        TLanes scale,
        TLanes offset,
        int vector,
        ref sbyte q,
        ref float activation,
        ref float correction,
        ref float total
    )
    {
        ref sbyte own = ref Unsafe.Add(ref q, 32 * vector);
        TLanes dot = First(w0, w1, w2, w3, ref own, ref Unsafe.Add(ref correction, vector));
        dot = TRecipe.SliceColumns == 32 ? Last(dot, w4, w5, w6, w7, ref own) : Close(dot);
        sum = Accumulate(sum, dot, scale, ref Unsafe.Add(ref activation, vector), ref Unsafe.Add(ref correction, vector));
        return TRecipe.Offsets ? TLanes.AddScaled(sum, offset, ref Unsafe.Add(ref total, vector)) : sum;
    }
}
