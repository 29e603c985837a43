namespace KernelGen.Scaling;

/// <summary>
/// Capacity of a representation as a function of its Gaussian error: ρ = L·tanh(F·log_¼ GMSE)^C. ρ → L for GMSE → 0 and
/// ρ = 0 at GMSE = 1.
/// </summary>
/// <param name="Limit">L, in (0, 1].</param>
/// <param name="Rate">F, above 0: per effective bit.</param>
/// <param name="Exponent">C, above 0.</param>
public readonly record struct CapacityCoefficients(double Limit, double Rate, double Exponent)
{
    /// <summary>ρ of a GMSE.</summary>
    /// <param name="gmse">Relative mean squared error, 0 or more. At 1 and above nothing of the source is left and ρ is 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The error is negative or NaN.</exception>
    public double Capacity(double gmse)
    {
        if (!(gmse >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(gmse), gmse, "A relative squared error is 0 or more.");
        }
        return gmse == 0 ? Limit
            : gmse >= 1 ? 0
            : Limit * Math.Pow(Math.Tanh(Rate * -0.5 * Math.Log2(gmse)), Exponent);
    }

    /// <summary>The GMSE at which the capacity has a value: the inverse of <see cref="Capacity"/>.</summary>
    /// <param name="capacity">ρ, from 0 to <see cref="Limit"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">ρ is out of that range.</exception>
    public double Gmse(double capacity)
    {
        if (!(capacity >= 0 && capacity <= Limit))
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacity),
                capacity,
                FormattableString.Invariant($"The capacity of this family lies between 0 and {Limit}.")
            );
        }
        return capacity == Limit ? 0 : Math.Pow(2, -2 * Math.Atanh(Math.Pow(capacity / Limit, 1 / Exponent)) / Rate);
    }
}
