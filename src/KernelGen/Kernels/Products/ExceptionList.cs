using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// What the codes of a repacked matrix leave of single weights, row by row: outliers, and weights under another scale than their
/// neighbours.
/// </summary>
internal sealed class ExceptionList
{
    /// <summary>Entries of a row are a multiple of this, filled up with zeros: so many sums are added side by side.</summary>
    private const int Chains = 4;

    /// <summary>Differences below this share of a weight are those of its rounding.</summary>
    private const float Rounding = 1e-6f;

    private readonly int[] _starts,
        _columns;
    private readonly float[] _values;

    private ExceptionList(int[] starts, int[] columns, float[] values) => (_starts, _columns, _values) = (starts, columns, values);

    public int Rows => _starts.Length - 1;

    public long Bytes => 4L * (_starts.Length + 2L * _values.Length);

    /// <summary>A copy with memory of its own.</summary>
    public ExceptionList Copy() => new([.. _starts], [.. _columns], [.. _values]);

    /// <summary>Compares what codes stand for with the weights of the unpacked rows.</summary>
    public static ExceptionList Of<TFormat, TRecipe>(ReadOnlySpan<byte> packed, int rows, int columns)
        where TFormat : struct, ICompressedFormat<TFormat>
        where TRecipe : struct, IInt8Recipe
    {
        float tensorScale = MatrixDriver.ReadHeader<TFormat>(packed);
        int rowBytes = TFormat.Info.RowBytes(columns),
            group = Int8Layout<TRecipe>.Group;
        Span<byte> codes = stackalloc byte[group];
        float[] weights = new float[columns];
        var starts = new int[rows + 1];
        List<int> places = [];
        List<float> values = [];
        for (int r = 0; r < rows; r++)
        {
            ReadOnlySpan<byte> row = packed.Slice(TFormat.Info.TensorHeaderBytes + r * rowBytes, rowBytes);
            TFormat.UnpackSegment(row, 0, tensorScale, weights);
            for (int first = 0; first < columns; first += group)
            {
                TFormat.ReadGroup(row, first / group, tensorScale, codes, out float scale, out float offset);
                for (int i = 0; i < Math.Min(group, columns - first); i++)
                {
                    float term = Level<TRecipe>(codes[i]) * scale,
                        rest = weights[first + i] - (term + offset);
                    if (!(MathF.Abs(rest) <= Rounding * (MathF.Abs(term) + MathF.Abs(offset))))
                    {
                        places.Add(first + i);
                        values.Add(rest);
                    }
                }
            }
            while (places.Count % Chains != 0)
            {
                places.Add(0);
                values.Add(0f);
            }
            starts[r + 1] = places.Count;
        }
        return new(starts, [.. places], [.. values]);
    }

    /// <summary>Adds the products of the exceptions of some rows.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="x">Activations.</param>
    /// <param name="y">The sums of these rows.</param>
    public void AddTo(int first, ReadOnlySpan<float> x, Span<float> y)
    {
        ref int places = ref MemoryMarshal.GetArrayDataReference(_columns);
        ref float values = ref MemoryMarshal.GetArrayDataReference(_values),
            activations = ref MemoryMarshal.GetReference(x);
        ReadOnlySpan<int> starts = _starts.AsSpan(first, y.Length + 1);
        for (int r = 0; r < y.Length; r++)
        {
            float a = 0f,
                b = 0f,
                c = 0f,
                d = 0f;
            for (int at = starts[r], end = starts[r + 1]; at < end; at += Chains)
            {
                a += Unsafe.Add(ref values, at) * Unsafe.Add(ref activations, Unsafe.Add(ref places, at));
                b += Unsafe.Add(ref values, at + 1) * Unsafe.Add(ref activations, Unsafe.Add(ref places, at + 1));
                c += Unsafe.Add(ref values, at + 2) * Unsafe.Add(ref activations, Unsafe.Add(ref places, at + 2));
                d += Unsafe.Add(ref values, at + 3) * Unsafe.Add(ref activations, Unsafe.Add(ref places, at + 3));
            }
            y[r] += a + b + (c + d);
        }
    }

    private static float Level<TRecipe>(int code)
        where TRecipe : struct, IInt8Recipe =>
        TRecipe.Nibbles
            ? TRecipe.Levels[code]
            : TRecipe.Step * FloatKernel<TRecipe, float, FloatLanes32>.Weight(BitConverter.Int32BitsToSingle(TRecipe.Stored[code]), 0);
}
