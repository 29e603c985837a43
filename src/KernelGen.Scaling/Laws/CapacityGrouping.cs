namespace KernelGen.Scaling;

/// <summary>Whether weights and activations share capacities, in the unified and the decoupled law.</summary>
public enum CapacityGrouping
{
    /// <summary>One curve per family, or one ρ per representation, for all parts alike.</summary>
    Family,

    /// <summary>Weights, activations and the KV cache have curves (or values of ρ) of their own.</summary>
    Part,
}
