namespace KernelGen.Scaling;

/// <summary>Choices that shape a law before it is fitted; most laws ignore them.</summary>
public sealed record LawOptions
{
    /// <summary>The tanh form, one curve per family.</summary>
    public static LawOptions Default { get; } = new();

    /// <summary>The capacity curve of the unified law.</summary>
    public CapacityForm Form { get; init; } = CapacityForm.All[0];

    /// <summary>Which representations share a curve in the unified law.</summary>
    public CapacityGrouping Grouping { get; init; }
}
