namespace KernelGen.Scaling;

/// <summary>Which representations share one capacity curve in the unified law.</summary>
public enum CapacityGrouping
{
    /// <summary>All of a family, weights and activations alike.</summary>
    Family,

    /// <summary>All of a family on one part: weights, activations and the KV cache have curves of their own.</summary>
    Part,
}
