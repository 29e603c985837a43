namespace KernelGen.Scaling;

/// <summary>Choices that shape a law before it is fitted; most laws ignore them.</summary>
public sealed record LawOptions
{
    /// <summary>The tanh form, and grouping as the law likes it.</summary>
    public static LawOptions Default { get; } = new();

    /// <summary>The capacity curve of the unified law.</summary>
    public CapacityForm Form { get; init; } = CapacityForm.All[0];

    /// <summary>The variable of the law of one variable: params, tokens, compute or a column; null for compute.</summary>
    public string? Of { get; init; }

    /// <summary>
    /// Whether weights and activations share capacities. Null leaves it to the law: the unified law has a curve per part, the
    /// decoupled law one ρ per representation, because runs rarely tell apart what W4A4 owes to which part.
    /// </summary>
    public CapacityGrouping? Grouping { get; init; }
}
