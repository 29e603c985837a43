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
