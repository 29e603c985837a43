using System.Globalization;

namespace KernelGen.Training;

/// <summary>The training loss on the way, averaged over equal parts of the run.</summary>
/// <param name="steps">Steps of the run.</param>
/// <param name="batchTokens">Tokens of a step.</param>
internal sealed class LossCurve(long steps, long batchTokens)
{
    private const int Parts = 32;

    private readonly List<LossPoint> _points = [];
    private double _sum;
    private long _since;

    /// <summary>The points so far.</summary>
    public IReadOnlyList<LossPoint> Points => _points;

    /// <summary>Adds the loss of a step.</summary>
    /// <param name="taken">Steps taken, that one included.</param>
    /// <param name="loss">Its loss.</param>
    public void Add(long taken, double loss)
    {
        (_sum, _since) = (_sum + loss, _since + 1);
        if (taken * Parts / steps > (taken - 1) * Parts / steps)
        {
            _points.Add(new(taken * batchTokens, _sum / _since));
            (_sum, _since) = (0, 0);
        }
    }

    /// <summary>Everything as one text.</summary>
    public string Write() =>
        string.Join(
            ' ',
            _points
                .Prepend(new(_since, _sum))
                .Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.Tokens}:{point.Loss:R}"))
        );

    /// <summary>Takes up what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public void Read(string text)
    {
        LossPoint[] all = [.. text.Split(' ').Select(Point)];
        (_since, _sum) = (all[0].Tokens, all[0].Loss);
        _points.AddRange(all[1..]);
    }

    private static LossPoint Point(string text) =>
        text.Split(':') is [var tokens, var loss]
            ? new(long.Parse(tokens, CultureInfo.InvariantCulture), double.Parse(loss, CultureInfo.InvariantCulture))
            : throw new FormatException($"'{text}' is no point of a curve.");
}
