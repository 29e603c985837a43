namespace KernelGen.Scaling;

/// <summary>How a run table is read.</summary>
public sealed record RunTableOptions
{
    /// <summary>
    /// Column of the file for each name the laws use (<c>params</c>, <c>tokens</c>, <c>flops</c>, <c>loss</c>, <c>weights</c>,
    /// <c>activations</c>, <c>kv</c>, <c>method</c>, <c>group</c>, or a law's own column). A name that is not here stands for itself.
    /// </summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Rows to keep: those that meet all of these.</summary>
    public IReadOnlyList<RunCondition> Where { get; init; } = [];

    /// <summary>Sizes that the table must have; one that is not needed and not there counts as 1.</summary>
    public LawSizes Sizes { get; init; } = LawSizes.Both;

    /// <summary>True where a loss may be negative, as for a law that compares differences and not logarithms.</summary>
    public bool SignedLoss { get; init; }

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
