namespace KernelGen.Scaling;

/// <summary>A capacity found from runs.</summary>
/// <param name="Value">ρ, relative to dense runs of the same sizes.</param>
/// <param name="OwnError">Standard error of ln ρ from the scatter of the runs' own seeds; NaN where no run was repeated.</param>
/// <param name="DenseError">Standard error of ln ρ from the scatter of the dense runs, which all capacities of a size share.</param>
/// <param name="Runs">Runs it is from.</param>
public sealed record CapacityEstimate(double Value, double OwnError, double DenseError, int Runs)
{
    /// <summary>Standard error of ρ.</summary>
    public double StandardError => Value * Math.Sqrt(OwnError * OwnError + DenseError * DenseError);

    /// <summary>How much larger this capacity is than another next to the same dense runs, with its standard error.</summary>
    /// <param name="other">The other.</param>
    public (double Gain, double StandardError) Over(CapacityEstimate other) =>
        (Value - other.Value, Math.Sqrt(Math.Pow(Value * OwnError, 2) + Math.Pow(other.Value * other.OwnError, 2)));
}
