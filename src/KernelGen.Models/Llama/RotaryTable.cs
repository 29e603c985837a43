namespace KernelGen.Models;

/// <summary>
/// Rotary position embeddings (Su et al., arXiv 2104.09864): pair i of a head turns by position · θ^(−2i/size). A pair is two
/// neighbours, as in the paper and in llama.cpp, or coordinates i and i + half the head, as in Hugging Face's Llama.
/// </summary>
internal sealed class RotaryTable
{
    private readonly int _half,
        _step,
        _distance;
    private readonly float[] _cos,
        _sin;

    public RotaryTable(int headSize, double theta, int positions, bool neighbours = false)
    {
        _half = headSize / 2;
        (_step, _distance) = neighbours ? (2, 1) : (1, _half);
        _cos = new float[positions * _half];
        _sin = new float[positions * _half];
        for (int position = 0; position < positions; position++)
        {
            for (int i = 0; i < _half; i++)
            {
                (double sin, double cos) = Math.SinCos(position * Math.Pow(theta, -2.0 * i / headSize));
                _cos[position * _half + i] = (float)cos;
                _sin[position * _half + i] = (float)sin;
            }
        }
    }

    /// <summary>Turns one head at a position.</summary>
    public void Rotate(Span<float> head, int position)
    {
        ReadOnlySpan<float> cos = _cos.AsSpan(position * _half, _half),
            sin = _sin.AsSpan(position * _half, _half);
        for (int i = 0; i < _half; i++)
        {
            ref float a = ref head[i * _step],
                b = ref head[i * _step + _distance];
            (a, b) = (a * cos[i] - b * sin[i], b * cos[i] + a * sin[i]);
        }
    }
}
