namespace KernelGen.Scaling;

/// <summary>
/// Σe/Σv over chunks with its standard error by linearisation (Cochran, Sampling Techniques, §6.4):
/// se² = n/(n − 1) · Σ(e − g·v)² / (Σv)². Chunks are added in a fixed order, so sums are reproducible bit by bit.
/// </summary>
public sealed class RatioEstimate
{
    // Residuals against the ratio of the first chunk: sums of squares of e and v themselves would cancel.
    private double _pilot,
        _residualSquares,
        _residualValues,
        _valueSquares;
    private ErrorSums _total;

    /// <summary>Sums over all chunks.</summary>
    public ErrorSums Total => _total;

    /// <summary>Chunks added.</summary>
    public long Chunks { get; private set; }

    /// <summary>Σe/Σv; 0 where both are 0.</summary>
    public double Ratio => _total.RelativeError;

    /// <summary>Standard error of <see cref="Ratio"/>; NaN for fewer than two chunks.</summary>
    public double StandardError
    {
        get
        {
            if (Chunks < 2 || !(_total.SquaredValue > 0))
            {
                return double.NaN;
            }
            double shift = Ratio - _pilot;
            double squares = _residualSquares - 2 * shift * _residualValues + shift * shift * _valueSquares;
            return Math.Sqrt(Math.Max(squares, 0) * Chunks / (Chunks - 1)) / _total.SquaredValue;
        }
    }

    /// <summary>Adds a chunk.</summary>
    /// <param name="chunk">Its sums.</param>
    public void Add(in ErrorSums chunk)
    {
        if (Chunks == 0)
        {
            _pilot = chunk.RelativeError;
        }
        double residual = chunk.SquaredError - _pilot * chunk.SquaredValue;
        _residualSquares += residual * residual;
        _residualValues += residual * chunk.SquaredValue;
        _valueSquares += chunk.SquaredValue * chunk.SquaredValue;
        _total += chunk;
        Chunks++;
    }
}
