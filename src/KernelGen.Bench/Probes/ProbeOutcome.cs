using KernelGen.Scaling;

namespace KernelGen.Bench;

/// <summary>What a probe found.</summary>
/// <param name="Subject">What was measured.</param>
/// <param name="Weights">Error, bits and what follows from them, of the weights.</param>
/// <param name="Capacity">Capacity from the measured errors of weights and, where they are compressed, activations.</param>
/// <param name="CapacityByProduct">For expressions: the product of the capacities of all parts, each measured alone.</param>
/// <param name="ActivationsGmse">For expressions with activations: their error.</param>
internal sealed record ProbeOutcome(
    ProbeSubject Subject,
    CapacityResult Weights,
    double Capacity,
    double? CapacityByProduct,
    double? ActivationsGmse
);
