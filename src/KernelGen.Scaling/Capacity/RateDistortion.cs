using KernelGen.Kernels.Elements;

namespace KernelGen.Scaling;

/// <summary>
/// What codes of a given rate can do to a memoryless Gaussian of variance 1: Shannon's bound, and the best scalar codes.
/// Rates are in bits per value, distortions are mean squared errors.
/// </summary>
public static class RateDistortion
{
    /// <summary>Levels up to which <see cref="LloydMax"/> solves; above, the high-rate limit is as good as a double holds.</summary>
    private const int MostLevels = 1 << 14;

    /// <summary>D(R) = 2^(−2R): no code of R bits has a smaller error (Shannon 1959).</summary>
    /// <param name="bits">R, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">R is negative or NaN.</exception>
    public static double GaussianDistortion(double bits)
    {
        if (!(bits >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "A rate is 0 or more.");
        }
        return Math.Pow(2, -2 * bits);
    }

    /// <summary>R(D) = −½·log2 D = log_¼ D: the rate at which an ideal code has an error; 0 for D ≥ 1, null for D = 0.</summary>
    /// <param name="gmse">D, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">D is negative or NaN.</exception>
    public static double? EffectiveBits(double gmse)
    {
        if (!(gmse >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(gmse), gmse, "A relative squared error is 0 or more.");
        }
        return gmse == 0 ? null : Math.Max(0, -0.5 * Math.Log2(gmse));
    }

    /// <summary>The scalar code of least error for a number of levels (Lloyd 1957, Max 1960).</summary>
    /// <param name="levels">Levels, 1 to 16384.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of levels is out of range.</exception>
    public static ScalarQuantiser LloydMax(int levels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levels, MostLevels);
        return new(KernelGen.Scaling.LloydMax.Solve(levels));
    }

    /// <summary>The uniform scalar code of least error for a number of levels, placed symmetrically around 0.</summary>
    /// <param name="levels">Levels, 2 to 65536.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of levels is out of range.</exception>
    public static ScalarQuantiser UniformQuantiser(int levels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levels, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levels, 1 << 16);
        double[] unit = [.. Enumerable.Range(0, levels).Select(i => i - 0.5 * (levels - 1))];
        double step = GaussianGrid.OptimalScale(unit);
        return new([.. unit.Select(level => level * step)]);
    }

    /// <summary>
    /// The infinite uniform quantiser with a level at 0 whose codes are entropy-coded, at a step: its entropy is the rate
    /// an ideal entropy code reaches. Above two bits it stays within 0.255 bits of Shannon's bound (Gish and Pierce 1968).
    /// </summary>
    /// <param name="step">Distance of the levels, above 0 and at most 16.</param>
    /// <returns>Rate in bits and mean squared error.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The step is out of range.</exception>
    public static (double Bits, double Mse) EntropyCodedUniform(double step)
    {
        if (!(step >= 1e-4 && step <= 16))
        {
            throw new ArgumentOutOfRangeException(nameof(step), step, "The step is at least 1e-4 and at most 16.");
        }
        // Beyond 9 sigma the rest is below 1e-18.
        double bits = 0,
            error = 0;
        for (int i = 0; i == 0 || (i - 0.5) * step < 9; i++)
        {
            double low = (i - 0.5) * step,
                high = (i + 0.5) * step;
            double mass = GaussianIntegral.Mass(low, high),
                times = i == 0 ? 1 : 2;
            bits -= mass > 0 ? times * mass * Math.Log2(mass) : 0;
            error += times * GaussianIntegral.SquaredDistance(low, high, i * step);
        }
        return (bits, error);
    }

    /// <summary>The mean squared error of the entropy-coded uniform quantiser at a rate.</summary>
    /// <param name="bits">Rate, 0.01 to 12 bits.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    public static double EntropyCodedDistortion(double bits)
    {
        if (!(bits >= 0.01 && bits <= 12))
        {
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "The rate is at least 0.01 and at most 12 bits.");
        }
        // The rate falls as the step grows.
        double low = Math.Log(1e-4),
            high = Math.Log(16);
        for (int i = 0; i < 60; i++)
        {
            double middle = 0.5 * (low + high);
            if (EntropyCodedUniform(Math.Exp(middle)).Bits > bits)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }
        return EntropyCodedUniform(Math.Exp(0.5 * (low + high))).Mse;
    }

    /// <summary>
    /// The GMSE of the noise that stands for the best code of a bit-width. Scalar codes take the Lloyd–Max error of
    /// ⌊2^bits⌋ levels, beyond 16384 levels its high-rate limit √3·π/2 · 2^(−2·bits) (Panter and Dite 1951).
    /// </summary>
    /// <param name="bits">Stored bits per value, 0 or more.</param>
    /// <param name="bound">Which codes are admitted.</param>
    public static double BestGmse(double bits, CodeBound bound)
    {
        double shannon = GaussianDistortion(bits);
        if (bound == CodeBound.Shannon)
        {
            return shannon;
        }
        return bits <= Math.Log2(MostLevels) ? LloydMax((int)Math.Floor(Math.Pow(2, bits))).Mse : Math.Sqrt(3) * Math.PI / 2 * shannon;
    }

    /// <summary>Optimality of a representation: ρ(GMSE) / ρ(best GMSE of its bits), in one family's coefficients.</summary>
    /// <param name="gmse">Its GMSE.</param>
    /// <param name="bits">Its stored bits, above 0.</param>
    /// <param name="coefficients">The family's coefficients.</param>
    /// <param name="bound">Which codes are admitted as the best.</param>
    public static double Optimality(double gmse, double bits, CapacityCoefficients coefficients, CodeBound bound) =>
        coefficients.Capacity(gmse) / coefficients.Capacity(BestGmse(bits, bound));
}
