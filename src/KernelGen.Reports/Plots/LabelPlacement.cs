namespace KernelGen.Reports;

/// <summary>A rectangle of a picture.</summary>
internal readonly record struct Box(double Left, double Top, double Right, double Bottom)
{
    public bool Meets(Box other) => Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;

    public bool Holds(Box other) => other.Left >= Left && other.Right <= Right && other.Top >= Top && other.Bottom <= Bottom;
}

/// <summary>
/// Finds room for names at points: next to the point if that is free, else further off, in sixteen directions. What is placed stays.
/// </summary>
internal sealed class LabelPlacement(Box area)
{
    private const double Height = 12;

    private static readonly double[] Further = [7, 14, 22, 32, 44, 58, 74, 92, 112, 134, 158, 184, 212, 242];

    /// <summary>To the right first, then left, above, below, and between them.</summary>
    private static readonly int[] Sixteenths = [0, 8, 12, 4, 14, 2, 10, 6, 15, 1, 9, 7, 13, 3, 11, 5];

    private readonly List<Box> _taken = [];

    /// <summary>A name's box, and where its line to the point ends; no line next to the point.</summary>
    public readonly record struct Place(Box Box, (double X, double Y)? Line);

    /// <summary>Keeps names off a part of the picture.</summary>
    public void Keep(Box box) => _taken.Add(box);

    /// <summary>The room for a name of some width at a point; null if there is none.</summary>
    /// <param name="x">Where the point is.</param>
    /// <param name="y">Where the point is.</param>
    /// <param name="width">The name's width.</param>
    /// <param name="near">How far from the point's middle a name next to it begins.</param>
    public Place? Find(double x, double y, double width, double near)
    {
        foreach (double distance in Further.Select(further => further - Further[0] + near))
        {
            foreach (int sixteenth in Sixteenths)
            {
                (double sin, double cos) = Math.SinCos(sixteenth * Math.PI / 8);
                double endX = x + distance * cos,
                    endY = y + distance * sin,
                    left = cos > 0.3 ? endX
                    : cos < -0.3 ? endX - width
                    : endX - width / 2,
                    top = endY - Height / 2 + sin * (Math.Abs(cos) <= 0.3 ? Height / 2 : 0);
                var box = new Box(left, top, left + width, top + Height);
                Box[] line = distance > near ? [.. Along(x, y, endX, endY, near)] : [];
                if (area.Holds(box) && !_taken.Any(taken => taken.Meets(box) || line.Any(taken.Meets)))
                {
                    _taken.Add(box);
                    _taken.AddRange(line);
                    return new(box, distance > near ? (endX, endY) : null);
                }
            }
        }
        return null;
    }

    /// <summary>Small boxes along a line, from outside the point's own mark.</summary>
    private static IEnumerable<Box> Along(double x, double y, double endX, double endY, double near)
    {
        double length = Math.Sqrt((endX - x) * (endX - x) + (endY - y) * (endY - y));
        for (double at = near; at < length - 1; at += 3)
        {
            double px = x + (endX - x) * at / length,
                py = y + (endY - y) * at / length;
            yield return new(px - 0.7, py - 0.7, px + 0.7, py + 0.7);
        }
    }
}
