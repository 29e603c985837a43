using System.Numerics;

namespace KernelGen.Training;

/// <summary>
/// Rotary position embeddings with the pairs of Hugging Face's Llama (coordinate i with i + half the head), done while rows
/// of queries, keys and values are sorted by heads: <c>tokens × (queries | keys | values)</c> to <c>sequence × head × position × head
/// size</c>.
/// </summary>
internal sealed class Rotary
{
    /// <summary>θ of the frequencies θ^(−2i / size), as in Llama.</summary>
    public const double Theta = 10_000;

    private readonly int _context,
        _heads,
        _size,
        _width;
    private readonly float _scale;
    private readonly float[] _cos,
        _sin;

    /// <param name="context">Positions.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="size">Width of a head.</param>
    /// <param name="scale">Factor of queries, by custom 1 / √size.</param>
    public Rotary(int context, int heads, int size, float scale)
    {
        _scale = scale;
        (_context, _heads, _size, _width) = (context, heads, size, heads * size);
        int half = size / 2;
        _cos = new float[context * half];
        _sin = new float[context * half];
        for (int i = 0; i < _cos.Length; i++)
        {
            (double sin, double cos) = Math.SinCos(i / half * Math.Pow(Theta, -2.0 * (i % half) / size));
            (_cos[i], _sin[i]) = ((float)cos, (float)sin);
        }
    }

    /// <summary>Sorts by heads, turning queries and keys; queries are scaled.</summary>
    public void Split(ReadOnlySpan<float> qkv, Span<float> queries, Span<float> keys, Span<float> values)
    {
        for (int token = 0; token < qkv.Length / (3 * _width); token++)
        {
            ReadOnlySpan<float> row = qkv.Slice(token * 3 * _width, 3 * _width);
            for (int head = 0; head < _heads; head++)
            {
                int from = head * _size,
                    to = Place(token, head);
                Turn(row.Slice(from, _size), queries.Slice(to, _size), token % _context, 1, _scale);
                Turn(row.Slice(_width + from, _size), keys.Slice(to, _size), token % _context, 1, 1);
                row.Slice(2 * _width + from, _size).CopyTo(values.Slice(to, _size));
            }
        }
    }

    /// <summary>The way back of gradients: sorts by tokens, turning the other way.</summary>
    public void Join(ReadOnlySpan<float> queries, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, Span<float> qkv)
    {
        for (int token = 0; token < qkv.Length / (3 * _width); token++)
        {
            Span<float> row = qkv.Slice(token * 3 * _width, 3 * _width);
            for (int head = 0; head < _heads; head++)
            {
                int to = head * _size,
                    from = Place(token, head);
                Turn(queries.Slice(from, _size), row.Slice(to, _size), token % _context, -1, _scale);
                Turn(keys.Slice(from, _size), row.Slice(_width + to, _size), token % _context, -1, 1);
                values.Slice(from, _size).CopyTo(row.Slice(2 * _width + to, _size));
            }
        }
    }

    /// <summary>Sorts <c>tokens × width</c> by heads.</summary>
    public void SplitHeads(ReadOnlySpan<float> rows, Span<float> heads)
    {
        for (int token = 0; token < rows.Length / _width; token++)
        {
            for (int head = 0; head < _heads; head++)
            {
                rows.Slice(token * _width + head * _size, _size).CopyTo(heads[Place(token, head)..]);
            }
        }
    }

    /// <summary>Sorts heads by tokens.</summary>
    public void JoinHeads(ReadOnlySpan<float> heads, Span<float> rows)
    {
        for (int token = 0; token < rows.Length / _width; token++)
        {
            for (int head = 0; head < _heads; head++)
            {
                heads.Slice(Place(token, head), _size).CopyTo(rows[(token * _width + head * _size)..]);
            }
        }
    }

    private int Place(int token, int head) => ((token / _context * _heads + head) * _context + token % _context) * _size;

    private void Turn(ReadOnlySpan<float> from, Span<float> to, int position, float direction, float scale)
    {
        int half = _size / 2;
        ReadOnlySpan<float> cos = _cos.AsSpan(position * half, half),
            sin = _sin.AsSpan(position * half, half);
        ReadOnlySpan<float> a = from[..half],
            b = from[half..];
        Span<float> x = to[..half],
            y = to[half..];
        ReadOnlySpan<Vector<float>> coss = ElementLoops.Vectors(cos),
            sins = ElementLoops.Vectors(sin),
            left = ElementLoops.Vectors(a),
            right = ElementLoops.Vectors(b);
        Span<Vector<float>> xs = ElementLoops.Vectors(x),
            ys = ElementLoops.Vectors(y);
        for (int i = 0; i < xs.Length; i++)
        {
            Vector<float> c = scale * coss[i],
                s = scale * direction * sins[i];
            xs[i] = left[i] * c - right[i] * s;
            ys[i] = right[i] * c + left[i] * s;
        }
        for (int i = xs.Length * Vector<float>.Count; i < half; i++)
        {
            float c = scale * cos[i],
                s = scale * direction * sin[i];
            x[i] = a[i] * c - b[i] * s;
            y[i] = b[i] * c + a[i] * s;
        }
    }
}
