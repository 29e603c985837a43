using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelGen;

/// <summary>
/// Activation vectors as signed bytes in groups of 32: <c>x ≈ scale · code</c>, with max|x| on 127 as ggml does; or as two
/// such digits, <c>x ≈ scale · (255 · high + low)</c>, which keep about 15 bits. Buffers are kept between calls.
/// </summary>
internal sealed class Int8Activations
{
    /// <summary>Activations per scale.</summary>
    public const int Group = 32;

    /// <summary>The largest number of two digits: 127 · 255 + 127.</summary>
    private const float LargestNumber = 32512f;

    private sbyte[] _codes = [];
    private float[] _scales = [], _totals = [];
    private int[] _corrections = [];
    private int _groups, _slices;

    /// <summary>Vectors held; two for each activation vector in two digits: high digits, then low ones.</summary>
    public int Vectors { get; private set; }

    /// <summary>Groups of a vector, the last one filled up with zeros.</summary>
    public int Groups => _groups;

    /// <summary>All vectors.</summary>
    public Int8Vectors All => new(
        _codes.AsSpan(0, Vectors * _groups * Group), _scales.AsSpan(0, Vectors * _groups), _corrections.AsSpan(0, Vectors * _slices), _totals.AsSpan(0, _totals.Length == 0 ? 0 : Vectors * _slices), Vectors);

    /// <summary>Makes room for vectors, which <see cref="Quantise"/> then fills.</summary>
    /// <param name="batch">Number of vectors.</param>
    /// <param name="columns">Length of a vector.</param>
    /// <param name="twoDigits">Whether each vector becomes two.</param>
    public void Reserve<TRecipe>(int batch, int columns, bool twoDigits) where TRecipe : struct, IInt8Recipe
    {
        Vectors = twoDigits ? 2 * batch : batch;
        _groups = (columns + Group - 1) / Group;
        _slices = _groups * (Group / TRecipe.SliceColumns);
        Reserve(TRecipe.Offsets);
    }

    /// <summary>Quantises some groups of columns of all vectors for a recipe. Group after group, as that is how codes are stored.</summary>
    /// <param name="x"><c>batch × columns</c> activations.</param>
    /// <param name="batch">Number of vectors.</param>
    /// <param name="first">Index of the first group.</param>
    /// <param name="end">Index after the last one, at most <see cref="Groups"/>.</param>
    /// <param name="columns">Length of a vector.</param>
    /// <param name="twoDigits">Whether each vector becomes two.</param>
    public void Quantise<TRecipe>(ReadOnlySpan<float> x, int batch, int first, int end, int columns, bool twoDigits) where TRecipe : struct, IInt8Recipe
    {
        Span<float> padded = stackalloc float[Group];
        Span<int> halves = stackalloc int[2 * Int8Quantiser.Groups];
        Span<float> scales = stackalloc float[Int8Quantiser.Groups];
        for (int g = first; g < end;)
        {
            bool four = !twoDigits && Int8Quantiser.HasFour && g + Int8Quantiser.Groups <= end && (g + Int8Quantiser.Groups) * Group <= columns;
            for (int b = 0; b < batch; b++)
            {
                scoped ReadOnlySpan<float> rest = x.Slice(b * columns, columns)[(g * Group)..];
                if (four)
                {
                    int at = g * Vectors + b;
                    Int8Quantiser.Four(ref MemoryMarshal.GetReference(rest), ref _codes[at * Group], Vectors * Group, scales, halves);
                    for (int i = 0; i < Int8Quantiser.Groups; i++)
                    {
                        _scales[at + i * Vectors] = scales[i];
                        StoreSums<TRecipe>(g + i, b, halves[2 * i], halves[2 * i + 1]);
                    }
                    continue;
                }
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
            g += four ? Int8Quantiser.Groups : 1;
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
                float scale = Int8Quantiser.Largest(ref values[0]) / 127f, inverse = ScaleCodec.Reciprocal(scale);
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
            _corrections = new int[Vectors * _slices];
        }
        if (totals && _totals.Length < Vectors * _slices)
        {
            _totals = new float[Vectors * _slices];
        }
    }

    private void StoreSums<TRecipe>(int group, int vector, int first, int second) where TRecipe : struct, IInt8Recipe
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
            _corrections[at] = sum * Int8Layout<TRecipe>.MachineLowest;
            if (TRecipe.Offsets)
            {
                _totals[at] = scale * sum * (1 / TRecipe.Step);
            }
        }
    }

    private void QuantiseOne(ref float values, int at, Span<int> halves)
    {
        float scale = Int8Quantiser.Largest(ref values) / 127f, inverse = ScaleCodec.Reciprocal(scale);
        _scales[at] = scale;
        ref sbyte codes = ref _codes[at * Group];
        halves[0] = Int8Quantiser.One(ref values, inverse, ref codes);
        halves[1] = Int8Quantiser.One(ref Unsafe.Add(ref values, 16), inverse, ref Unsafe.Add(ref codes, 16));
    }

    private void QuantiseTwo(ref float values, int at, Span<int> halves)
    {
        float scale = Int8Quantiser.Largest(ref values) / LargestNumber, inverse = ScaleCodec.Reciprocal(scale);
        (_scales[at], _scales[at + 1]) = (scale * 255f, scale);
        ref sbyte high = ref _codes[at * Group], low = ref Unsafe.Add(ref high, Group);
        (halves[0], halves[2]) = Int8Quantiser.Two(ref values, inverse, ref high, ref low);
        (halves[1], halves[3]) = Int8Quantiser.Two(ref Unsafe.Add(ref values, 16), inverse, ref Unsafe.Add(ref high, 16), ref Unsafe.Add(ref low, 16));
    }
}
