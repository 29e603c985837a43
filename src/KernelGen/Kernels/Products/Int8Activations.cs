using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Activation vectors as signed bytes in groups of 32: <c>x ≈ scale · code</c>, with max|x| on 127 as ggml does; or as two
/// such digits, <c>x ≈ scale · high + second · low</c>, which keep about 15 bits. Next to them is what the lowest integer of the
/// weights adds to each product, which kernels take in with the addition that scales it. Buffers are kept between calls.
/// </summary>
internal sealed class Int8Activations
{
    /// <summary>Activations per scale.</summary>
    public const int Group = 32;

    private sbyte[] _codes = [];
    private float[] _scales = [],
        _corrections = [],
        _totals = [];
    private int _groups,
        _slices;

    /// <summary>Vectors held; two for each activation vector in two digits: high digits, then low ones.</summary>
    public int Vectors { get; private set; }

    /// <summary>Groups of a vector, the last one filled up with zeros.</summary>
    public int Groups => _groups;

    /// <summary>All vectors.</summary>
    public Int8Vectors All =>
        new(
            _codes.AsSpan(0, Vectors * _groups * Group),
            _scales.AsSpan(0, Vectors * _groups),
            _corrections.AsSpan(0, Vectors * _slices),
            _totals.AsSpan(0, _totals.Length == 0 ? 0 : Vectors * _slices),
            Vectors
        );

    /// <summary>Makes room for vectors, which <see cref="Quantise"/> then fills.</summary>
    /// <param name="batch">Number of vectors.</param>
    /// <param name="columns">Length of a vector.</param>
    /// <param name="twoDigits">Whether each vector becomes two.</param>
    public void Reserve<TRecipe>(int batch, int columns, bool twoDigits)
        where TRecipe : struct, IInt8Recipe
    {
        int vectors = twoDigits ? 2 * batch : batch,
            groups = (columns + Group - 1) / Group,
            slices = Int8Layout<TRecipe>.Slices(columns);
        if ((vectors, groups, slices) == (Vectors, _groups, _slices) && (!TRecipe.Offsets || _totals.Length >= vectors * slices))
        {
            return; // not written to, the line stays in the caches of all processors
        }
        (Vectors, _groups, _slices) = (vectors, groups, slices);
        Reserve(TRecipe.Offsets);
    }

    /// <summary>Quantises some groups of columns of all vectors for a recipe. Group after group, as that is how codes are stored.</summary>
    /// <param name="x"><c>batch × columns</c> activations.</param>
    /// <param name="batch">Number of vectors.</param>
    /// <param name="first">Index of the first group.</param>
    /// <param name="end">Index after the last one, at most <see cref="Groups"/>.</param>
    /// <param name="columns">Length of a vector.</param>
    /// <param name="twoDigits">Whether each vector becomes two.</param>
    public void Quantise<TRecipe>(ReadOnlySpan<float> x, int batch, int first, int end, int columns, bool twoDigits)
        where TRecipe : struct, IInt8Recipe
    {
        Span<float> padded = stackalloc float[Group];
        Span<int> halves = stackalloc int[4];
        int g = first;
        for (
            ;
            !twoDigits && Int8Quantiser.HasFour && g + Int8Quantiser.Groups <= end && (g + Int8Quantiser.Groups) * Group <= columns;
            g += Int8Quantiser.Groups
        )
        {
            QuantiseFours<TRecipe>(x, batch, g, columns);
        }
        for (; g < end; g++)
        {
            for (int b = 0; b < batch; b++)
            {
                scoped ReadOnlySpan<float> rest = x.Slice(b * columns, columns)[(g * Group)..];
                if (rest.Length < Group)
                {
                    padded.Clear();
                    rest.CopyTo(padded);
                    rest = padded;
                }
                ref float values = ref MemoryMarshal.GetReference(rest);
                if (twoDigits)
                {
                    QuantiseTwo(ref values, g * Vectors + 2 * b, halves);
                    StoreSums<TRecipe>(g, 2 * b + 1, halves[2], halves[3]);
                    StoreSums<TRecipe>(g, 2 * b, halves[0], halves[1]);
                }
                else
                {
                    QuantiseOne(ref values, g * Vectors + b, halves);
                    StoreSums<TRecipe>(g, b, halves[0], halves[1]);
                }
            }
        }
    }

    /// <summary>What activations are once rounded to bytes, as numbers.</summary>
    /// <param name="x">Vectors one after the other.</param>
    /// <param name="columns">Length of a vector.</param>
    /// <param name="rounded">Receives as many numbers.</param>
    public static void Round(ReadOnlySpan<float> x, int columns, Span<float> rounded)
    {
        Span<float> values = stackalloc float[Group];
        Span<sbyte> codes = stackalloc sbyte[Group];
        for (int start = 0; start < x.Length; start += columns)
        {
            for (int column = 0; column < columns; column += Group)
            {
                int count = Math.Min(Group, columns - column);
                values.Clear();
                x.Slice(start + column, count).CopyTo(values);
                float scale = Int8Quantiser.Scale(Int8Quantiser.Largest(ref values[0])),
                    inverse = ScaleCodec.Reciprocal(scale);
                Int8Quantiser.One(ref values[0], inverse, ref codes[0]);
                Int8Quantiser.One(ref values[16], inverse, ref codes[16]);
                for (int i = 0; i < count; i++)
                {
                    rounded[start + column + i] = scale * codes[i];
                }
            }
        }
    }

    private void Reserve(bool totals)
    {
        int groups = Vectors * _groups;
        if (_scales.Length < groups)
        {
            _codes = new sbyte[groups * Group];
            _scales = new float[groups];
        }
        if (_corrections.Length < Vectors * _slices)
        {
            _corrections = new float[Vectors * _slices];
        }
        if (totals && _totals.Length < Vectors * _slices)
        {
            _totals = new float[Vectors * _slices];
        }
    }

    /// <summary>Four groups of all vectors.</summary>
    private void QuantiseFours<TRecipe>(ReadOnlySpan<float> x, int batch, int group, int columns)
        where TRecipe : struct, IInt8Recipe
    {
        for (int b = 0; b < batch; b++)
        {
            int at = group * Vectors + b;
            Vector128<float> scales = Int8Quantiser.Four(
                ref MemoryMarshal.GetReference(x.Slice(b * columns + group * Group, Int8Quantiser.Groups * Group)),
                ref _codes[at * Group],
                Vectors * Group,
                out Vector128<int> first,
                out Vector128<int> second
            );
            Scatter(scales, _scales, at, Vectors);
            if (TRecipe.SliceColumns == Group)
            {
                StoreSums<TRecipe>(scales, first + second, at, Vectors);
            }
            else
            {
                StoreSums<TRecipe>(scales, first, 2 * group * Vectors + b, 2 * Vectors);
                StoreSums<TRecipe>(scales, second, (2 * group + 1) * Vectors + b, 2 * Vectors);
            }
        }
    }

    /// <summary>Sums of codes of four slices, as the kernels want them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StoreSums<TRecipe>(Vector128<float> scales, Vector128<int> sums, int at, int stride)
        where TRecipe : struct, IInt8Recipe
    {
        if (Int8Layout<TRecipe>.CorrectedLowest != 0)
        {
            Vector128<int> products = sums * Int8Layout<TRecipe>.CorrectedLowest;
            Scatter(TRecipe.Signed ? products.AsSingle() : scales * Vector128.ConvertToSingle(products), _corrections, at, stride);
        }
        if (TRecipe.Offsets)
        {
            Scatter(scales * Vector128.ConvertToSingle(sums) * Vector128.Create(1 / TRecipe.Step), _totals, at, stride);
        }
    }

    /// <summary>Four numbers, each some places behind the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter(Vector128<float> values, float[] target, int at, int stride)
    {
        Span<float> places = target.AsSpan(at, 3 * stride + 1);
        (places[0], places[stride], places[2 * stride], places[3 * stride]) = (
            values.GetElement(0),
            values.GetElement(1),
            values.GetElement(2),
            values.GetElement(3)
        );
    }

    private void StoreSums<TRecipe>(int group, int vector, int first, int second)
        where TRecipe : struct, IInt8Recipe
    {
        float scale = _scales[group * Vectors + vector];
        if (TRecipe.SliceColumns == Group)
        {
            Store(group * Vectors + vector, first + second);
            return;
        }
        Store(2 * group * Vectors + vector, first);
        Store((2 * group + 1) * Vectors + vector, second);

        void Store(int at, int sum)
        {
            int product = sum * Int8Layout<TRecipe>.CorrectedLowest;
            _corrections[at] = TRecipe.Signed ? BitConverter.Int32BitsToSingle(product) : scale * product;
            if (TRecipe.Offsets)
            {
                _totals[at] = scale * sum * (1 / TRecipe.Step);
            }
        }
    }

    private void QuantiseOne(ref float values, int at, Span<int> halves)
    {
        float scale = Int8Quantiser.Scale(Int8Quantiser.Largest(ref values)),
            inverse = ScaleCodec.Reciprocal(scale);
        _scales[at] = scale;
        ref sbyte codes = ref _codes[at * Group];
        halves[0] = Int8Quantiser.One(ref values, inverse, ref codes);
        halves[1] = Int8Quantiser.One(ref Unsafe.Add(ref values, 16), inverse, ref Unsafe.Add(ref codes, 16));
    }

    private void QuantiseTwo(ref float values, int at, Span<int> halves)
    {
        float scale = Int8Quantiser.Scale(Int8Quantiser.Largest(ref values)),
            second = Int8Quantiser.SecondScale(scale);
        (_scales[at], _scales[at + 1]) = (scale, second);
        ref sbyte high = ref _codes[at * Group],
            low = ref Unsafe.Add(ref high, Group);
        (halves[0], halves[2]) = Int8Quantiser.Two(ref values, scale, second, ref high, ref low);
        (halves[1], halves[3]) = Int8Quantiser.Two(
            ref Unsafe.Add(ref values, 16),
            scale,
            second,
            ref Unsafe.Add(ref high, 16),
            ref Unsafe.Add(ref low, 16)
        );
    }
}
