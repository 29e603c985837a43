namespace KernelGen.Scaling;

/// <summary>What is known of a representation: composed errors, errors of its parts, and capacity by both ways.</summary>
public sealed record RepresentationResult
{
    /// <summary>The expression.</summary>
    public required string Name { get; init; }

    /// <summary>The weights, by the composed round trip.</summary>
    public required CapacityResult Weights { get; init; }

    /// <summary>The parts of the weights, each alone on the same samples: mask, format; or the one part there is.</summary>
    public required IReadOnlyList<CapacityResult> WeightParts { get; init; }

    /// <summary>The activations, by the composed round trip, or null if they are not compressed.</summary>
    public required CapacityResult? Activations { get; init; }

    /// <summary>The parts of the activations; empty if they are not compressed.</summary>
    public required IReadOnlyList<CapacityResult> ActivationParts { get; init; }

    /// <summary>Whether one generated kernel does all of it.</summary>
    public required bool HasFusedKernel { get; init; }

    /// <summary>Stored bits per weight.</summary>
    public double Bits => Weights.Bits;

    /// <summary>Composed GMSE of the weights.</summary>
    public double Gmse => Weights.Gmse;

    /// <summary>ρ as the product over all parts of weights and activations, each by its own family's coefficients.</summary>
    public double CapacityByProduct => WeightParts.Concat(ActivationParts).Aggregate(1.0, (product, part) => product * part.Capacity);

    /// <summary>
    /// ρ from the composed errors: that of the weights times that of the activations, two tensors that have no joint error.
    /// </summary>
    public double CapacityDirect => Weights.Capacity * (Activations?.Capacity ?? 1);

    /// <summary><see cref="CapacityByProduct"/> − <see cref="CapacityDirect"/>; 0 where there is one part to a tensor.</summary>
    public double FactorisationError => CapacityByProduct - CapacityDirect;

    /// <summary>A remark for reports, or null.</summary>
    public string? Note => HasFusedKernel ? null : "composed at run time: staged round trip, no fused kernel";
}
