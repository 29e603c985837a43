using System.Numerics;
using KernelGen.Kernels.Elements;

namespace KernelGen.Training;

/// <summary>Levels to which values are rounded. Evenly spaced ones, which most are, are found by arithmetic.</summary>
internal sealed class LevelGrid
{
    private readonly float[] _levels,
        _boundaries;
    private readonly float _first,
        _step,
        _last;
    private readonly bool _even;

    /// <param name="levels">Distinct finite levels in ascending order, two or more.</param>
    public LevelGrid(IReadOnlyList<double> levels)
    {
        Levels = levels;
        _levels = [.. levels.Select(level => (float)level)];
        _boundaries = [.. levels.Zip(levels.Skip(1), (a, b) => (float)(0.5 * (a + b)))];
        (_first, _last, _step) = (_levels[0], _levels[^1], _levels[1] - _levels[0]);
        _even = _levels.Zip(_levels.Skip(1), (a, b) => b - a).All(gap => gap == _step);
        HalfStep = 0.5 * levels.Zip(levels.Skip(1), (a, b) => b - a).Max();
    }

    /// <summary>The levels.</summary>
    public IReadOnlyList<double> Levels { get; }

    /// <summary>Smallest level.</summary>
    public float Lowest => _first;

    /// <summary>Largest level.</summary>
    public float Highest => _last;

    /// <summary>Largest error between the outermost levels.</summary>
    public double HalfStep { get; }

    /// <summary>Rounds values to the nearest level times a scale.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">Positive scale.</param>
    /// <param name="result">Receives as many values; may be the same span.</param>
    public void Round(ReadOnlySpan<float> values, float scale, Span<float> result)
    {
        float inverse = 1 / scale;
        int i = 0;
        if (_even)
        {
            float perStep = inverse / _step,
                offset = -_first / _step,
                gap = scale * _step,
                start = scale * _first;
            var last = new Vector<float>(_levels.Length - 1);
            ReadOnlySpan<Vector<float>> from = ElementLoops.Vectors(values);
            Span<Vector<float>> to = ElementLoops.Vectors(result);
            for (; i < to.Length; i++)
            {
                Vector<float> index = Vector.Round(from[i] * perStep + new Vector<float>(offset));
                to[i] = Vector.Min(Vector.Max(index, Vector<float>.Zero), last) * gap + new Vector<float>(start);
            }
            for (i *= Vector<float>.Count; i < values.Length; i++)
            {
                result[i] = Math.Clamp(MathF.Round(values[i] * perStep + offset), 0, _levels.Length - 1) * gap + start;
            }
        }
        for (; i < values.Length; i++)
        {
            float x = values[i] * inverse;
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
