using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>A stream of unit Gaussian numbers from a seed: splitmix64 and the Box–Muller transform in double precision.</summary>
/// <param name="seed">The seed.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GaussianSource(int seed)
{
    private ulong _state = (uint)seed;
    private double _spare;
    private bool _hasSpare;

    /// <summary>Fills a span with the next numbers.</summary>
    /// <param name="numbers">Receives the numbers.</param>
    public void Fill(Span<float> numbers)
    {
        foreach (ref float number in numbers)
        {
            number = (float)Next();
        }
    }

    private double Next()
    {
        if (_hasSpare)
        {
            _hasSpare = false;
            return _spare;
        }
        double radius = Math.Sqrt(-2 * Math.Log(1 - Uniform()));
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * Uniform());
        _spare = radius * sine;
        _hasSpare = true;
        return radius * cosine;
    }

    /// <summary>A number in [0, 1) of 53 bits; the constants are those of splitmix64 (Steele, Lea and Flood 2014).</summary>
    private double Uniform()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return ((z ^ z >> 31) >> 11) * (1.0 / (1L << 53));
    }
}
