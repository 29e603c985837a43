namespace KernelGen.Scaling;

/// <summary>What became of a parameter in a fit.</summary>
public enum ParameterStatus
{
    /// <summary>Fitted, inside its bounds.</summary>
    Fitted,

    /// <summary>Held at a value, or tied to another parameter.</summary>
    Held,

    /// <summary>Ended on its lower bound; only a profile says how far up it may be.</summary>
    AtLowerBound,

    /// <summary>Ended on its upper bound.</summary>
    AtUpperBound,
}
