namespace KernelGen.Scaling;

/// <summary>How well a published number is known.</summary>
public enum SourceMark
{
    /// <summary>Seen in the primary source: code, data or text of the paper.</summary>
    Seen,

    /// <summary>Computed here from data or text that was seen.</summary>
    Computed,

    /// <summary>Seen in a secondary source only.</summary>
    Secondary,

    /// <summary>Recalled; to be checked before use.</summary>
    Recalled,
}

/// <summary>Marks in print.</summary>
public static class SourceMarks
{
    /// <summary>S, C, S2 or R.</summary>
    /// <param name="mark">The mark.</param>
    public static string Letter(this SourceMark mark) =>
        mark switch
        {
            SourceMark.Seen => "S",
            SourceMark.Computed => "C",
            SourceMark.Secondary => "S2",
            _ => "R",
        };

    /// <summary>True for numbers that may be used without being asked for by name.</summary>
    /// <param name="mark">The mark.</param>
    public static bool IsDefault(this SourceMark mark) => mark is SourceMark.Seen or SourceMark.Computed;
}
