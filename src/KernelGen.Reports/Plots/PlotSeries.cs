namespace KernelGen.Reports;

/// <summary>One series of a plot.</summary>
/// <param name="Name">Name in the legend; empty for none.</param>
/// <param name="Points">x and y.</param>
internal sealed record PlotSeries(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>Joined by a line instead of drawn as marks.</summary>
    public bool Line { get; init; }

    /// <summary>Low and high at each point: a band around a line, bars at marks; null for none.</summary>
    public IReadOnlyList<(double Low, double High)>? Band { get; init; }

    /// <summary>Index into colours and shapes; -1 for grey.</summary>
    public int Color { get; init; }

    /// <summary>A dashed line.</summary>
    public bool Dashed { get; init; }

    /// <summary>Marks without filling.</summary>
    public bool Hollow { get; init; }

    /// <summary>A thick line.</summary>
    public bool Bold { get; init; }

    /// <summary>Names written at the points, one for each point or none at all; null leaves a point without.</summary>
    public IReadOnlyList<PlotLabel?> Labels { get; init; } = [];
}

/// <summary>A name at a point of a plot; a bold one has a larger mark, and one that is not written is under the pointer alone.</summary>
internal sealed record PlotLabel(string Text, bool Bold = false, bool Written = true);
