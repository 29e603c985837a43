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

    /// <param name="config">Base, scaling and pairing.</param>
    /// <param name="positions">Positions that are turned.</param>
    /// <param name="factors">What each frequency is divided by besides, as a GGUF file says in <c>rope_freqs.weight</c>; empty for
    /// 1.</param>
    public RotaryTable(LlamaConfig config, int positions, ReadOnlySpan<float> factors = default)
    {
        _half = config.HeadSize / 2;
        (_step, _distance) = config.NeighbouringPairs ? (2, 1) : (1, _half);
        double[] frequencies = Frequencies(config);
        for (int i = 0; i < factors.Length; i++)
        {
            frequencies[i] /= factors[i];
        }
        _cos = new float[positions * _half];
        _sin = new float[positions * _half];
        for (int position = 0; position < positions; position++)
        {
            for (int i = 0; i < _half; i++)
            {
                (double sin, double cos) = Math.SinCos(position * frequencies[i]);
                _cos[position * _half + i] = (float)cos;
                _sin[position * _half + i] = (float)sin;
            }
        }
    }

    /// <summary>Radians a token of each pair of coordinates.</summary>
    public static double[] Frequencies(LlamaConfig config)
    {
        var frequencies = new double[config.HeadSize / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            double frequency = Math.Pow(config.RopeTheta, -2.0 * i / config.HeadSize);
            frequencies[i] = frequency / (config.RopeScaling?.DivisorOf(frequency) ?? 1);
        }
        return frequencies;
    }

    /// <summary>What the scaling of a model divides each frequency by.</summary>
    public static float[] Divisors(LlamaConfig config) =>
        [.. Frequencies(config with { RopeScaling = null }).Select(frequency => (float)(config.RopeScaling?.DivisorOf(frequency) ?? 1))];

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
