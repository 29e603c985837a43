namespace KernelGen.Models;

/// <summary>
/// Rotary position embeddings (Su et al., arXiv 2104.09864) with the pairs of Hugging Face's Llama: coordinate i turns with
/// coordinate i + half the head, by position · θ^(−2i/size).
/// </summary>
internal sealed class RotaryTable
{
    private readonly int _half;
    private readonly float[] _cos, _sin;

    public RotaryTable(int headSize, double theta, int positions)
    {
        _half = headSize / 2;
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
        ReadOnlySpan<float> cos = _cos.AsSpan(position * _half, _half), sin = _sin.AsSpan(position * _half, _half);
        for (int i = 0; i < _half; i++)
        {
            float a = head[i], b = head[i + _half];
            head[i] = a * cos[i] - b * sin[i];
            head[i + _half] = b * cos[i] + a * sin[i];
        }
    }
}
