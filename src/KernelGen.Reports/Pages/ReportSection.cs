namespace KernelGen.Reports;

/// <summary>A part of a report.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Text">What was found, in sentences.</param>
internal sealed record ReportSection(string Title, string Text)
{
    /// <summary>What a reader must not miss, under the text.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Tables under the text.</summary>
    public IReadOnlyList<DataTable> Tables { get; init; } = [];

    /// <summary>Pictures under the tables, by file name.</summary>
    public IReadOnlyList<(string Name, string Svg)> Plots { get; init; } = [];
}
