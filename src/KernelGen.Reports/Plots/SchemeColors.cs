using KernelGen.Scaling;

namespace KernelGen.Reports;

/// <summary>
/// How a plot shows many schemes: a colour for each while there are colours; beyond that a colour for what they have in common, and names
/// of weights at the points.
/// </summary>
internal sealed class SchemeColors
{
    private readonly Func<LawInput, string> _group;
    private readonly string[] _groups;

    private SchemeColors(IEnumerable<LawInput> inputs, Func<LawInput, string> group, string note)
    {
        _group = group;
        _groups = [.. inputs.Select(group).Distinct().Order(StringComparer.Ordinal)];
        Note = note;
    }

    /// <summary>The line below the title.</summary>
    public string Note { get; }

    /// <summary>Whether points need names, because a colour is not one scheme.</summary>
    public bool Named { get; private init; }

    /// <summary>The names in the legend.</summary>
    public IReadOnlyList<string> Groups => _groups;

    /// <summary>Colours of schemes; of what they have in common where they are more than the colours.</summary>
    public static SchemeColors Of(IReadOnlyCollection<LawInput> inputs) =>
        inputs.DistinctBy(LawPlots.Scheme).Count() <= SvgTheme.Colors
            ? new(inputs, LawPlots.Scheme, "weights × activations")
            : Common(inputs);

    /// <summary>Colours of the representations of activations where they differ, else of the families of weights.</summary>
    public static SchemeColors Common(IReadOnlyCollection<LawInput> inputs) =>
        inputs.DistinctBy(input => input.Activations.Name).Count() > 1
            ? new(inputs, input => $"{input.Activations.Name} activations", "names: weights; colours: activations") { Named = true }
            : new(inputs, input => input.Weights.Family, "names: weights; colours: their families") { Named = true };

    /// <summary>The name of a point's colour.</summary>
    public string Group(LawInput input) => _group(input);

    /// <summary>A point's colour.</summary>
    public int Color(LawInput input) => Array.IndexOf(_groups, _group(input));

    /// <summary>The name of a point; none where its colour says it.</summary>
    public PlotLabel? Label(LawInput input, bool written = true, bool bold = false) =>
        Named ? new(input.Weights.Name, bold, written) : null;
}
