namespace KernelGen.Scaling;

/// <summary>One composition Sparse(s) ∘ INT b.</summary>
/// <param name="Sparsity">s: share of zeros.</param>
/// <param name="Bits">b.</param>
/// <param name="StoredBits">Stored bits per dense weight, scales and mask included.</param>
/// <param name="Gmse">Composed GMSE.</param>
/// <param name="StandardError">Its standard error; null where it cannot be estimated.</param>
/// <param name="SparsityGmse">GMSE of the mask alone (0 for s = 0).</param>
/// <param name="QuantiserGmse">GMSE of the quantiser alone.</param>
/// <param name="CapacityByProduct">ρ(mask)·ρ(quantiser).</param>
/// <param name="CapacityDirect">ρ of the composed GMSE.</param>
public sealed record FactorisationRow(
    double Sparsity,
    int Bits,
    double StoredBits,
    double Gmse,
    double? StandardError,
    double SparsityGmse,
    double QuantiserGmse,
    double CapacityByProduct,
    double CapacityDirect
)
{
    /// <summary>By product − direct.</summary>
    public double FactorisationError => CapacityByProduct - CapacityDirect;
}
