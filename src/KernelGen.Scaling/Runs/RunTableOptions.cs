namespace KernelGen.Scaling;

/// <summary>How a run table is read.</summary>
public sealed record RunTableOptions
{
    /// <summary>
    /// Column of the file for each name the laws use (<c>params</c>, <c>tokens</c>, <c>flops</c>, <c>loss</c>, <c>weights</c>,
    /// <c>activations</c>, <c>kv</c>, <c>method</c>, <c>group</c>, or a law's own column). A name that is not here stands for itself.
    /// </summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Rows to keep: column and the value it must have, or several joined by <c>|</c>. A column with <c>!</c> behind must have none of
    /// them, so that <c>weights!=e2m1</c> reads as it is meant.
    /// </summary>
    public IReadOnlyDictionary<string, string> Where { get; init; } = new Dictionary<string, string>();

    /// <summary>Turns the name of a representation into what laws need of it; null for a name that is unknown.</summary>
    public Func<string, RepresentationPoint?> Resolve { get; init; } = name => name is "" or "dense" ? RepresentationPoint.Dense : null;

    /// <summary>Names <see cref="Resolve"/> knows, for suggestions.</summary>
    public IReadOnlyList<string> KnownNames { get; init; } = ["dense"];

    /// <summary>Reads <c>name=column,name=column</c>; a column may contain spaces.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">A part has no <c>=</c>, or a name comes twice.</exception>
    public static IReadOnlyDictionary<string, string> ParsePairs(string text)
    {
        var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=');
            if (equals < 1)
            {
                throw new FormatException($"'{part}' is not of the form name=column.");
            }
            string name = part[..equals].Trim();
            if (!pairs.TryAdd(name, part[(equals + 1)..].Trim()))
            {
                throw new FormatException($"'{name}' is given twice.");
            }
        }
        return pairs;
    }
}
