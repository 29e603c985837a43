namespace KernelGen.Scaling;

/// <summary>A measured capacity of a representation of known error.</summary>
/// <param name="Gmse">Relative mean squared error on a Gaussian.</param>
/// <param name="Capacity">Measured ρ.</param>
public readonly record struct CapacityPoint(double Gmse, double Capacity);
