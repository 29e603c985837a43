using KernelGen.Kernels.Elements;

namespace KernelGen.Scaling;

/// <summary>
/// Scalar levels under one float32 scale per group, row (token) or tensor, chosen at run time so that the largest
/// magnitude meets the largest level: how activations are quantised.
/// </summary>
internal sealed class GridQuantiser : Quantiser
{
    private readonly float[] _levels,
        _boundaries;
    private readonly float _top;
    private readonly int _group,
        _codeBits;

    /// <param name="name">Name.</param>
    /// <param name="family">Family for capacity coefficients.</param>
    /// <param name="levels">Distinct finite levels in ascending order, not all zero.</param>
    /// <param name="group">Values per scale, or one of <see cref="ScaleGroup"/>.</param>
    public GridQuantiser(string name, string family, IReadOnlyList<double> levels, int group)
    {
        (Name, Family, _group) = (name, family, group);
        _levels = [.. levels.Select(level => (float)level)];
        _boundaries = [.. levels.Zip(levels.Skip(1), (a, b) => (float)(0.5 * (a + b)))];
        _top = _levels.Max(MathF.Abs);
        _codeBits = (int)Math.Ceiling(Math.Log2(levels.Count));
    }

    public override string Name { get; }

    public override string Family { get; }

    public override CompressedFormat? Format => null;

    public override int Block => Math.Max(_group, 1);

    public override bool TensorWide => _group == ScaleGroup.Tensor;

    public override bool PerRow => _group == ScaleGroup.Row;

    public override double Bits => _codeBits + (_group > 0 ? 32.0 / _group : 0);

    public override double MatrixBits(int rows, int columns)
    {
        double scales = _group switch
        {
            ScaleGroup.Tensor => 1,
            ScaleGroup.Row => rows,
            _ => (double)rows * ((columns + _group - 1) / _group),
        };
        return (double)_codeBits * rows * columns + 32 * scales;
    }

    public override void RoundTrip(ReadOnlyMemory<float> values, int rows, int columns, Memory<float> result, Parallelism parallelism)
    {
        float whole = _group == ScaleGroup.Tensor ? AbsMax(values.Span[..(rows * columns)]) : 0;
        int group = _group > 0 ? _group : columns;
        RowLoop.For(rows, parallelism, row =>
        {
            for (int start = 0; start < columns; start += group)
            {
                int count = Math.Min(group, columns - start);
                ReadOnlySpan<float> source = values.Span.Slice(row * columns + start, count);
                Quantise(source, _group == ScaleGroup.Tensor ? whole : AbsMax(source), result.Span.Slice(row * columns + start, count));
            }
        });
    }

    private static float AbsMax(ReadOnlySpan<float> values) => BitConverter.UInt32BitsToSingle(GroupMath.MagnitudeBits(values));

    private void Quantise(ReadOnlySpan<float> source, float absMax, Span<float> result)
    {
        float scale = absMax / _top,
            inverse = ScaleCodec.Reciprocal(scale);
        for (int i = 0; i < source.Length; i++)
        {
            float x = source[i] * inverse;
            // The number of boundaries below x is the index of the level.
            int low = 0,
                high = _boundaries.Length;
            while (low < high)
            {
                int middle = (low + high) >>> 1;
                (low, high) = _boundaries[middle] < x ? (middle + 1, high) : (low, middle);
            }
            result[i] = _levels[low] * scale;
        }
    }
}
