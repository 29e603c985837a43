namespace KernelGen.Scaling;

/// <summary>How near a format comes to the best any format of its width can do, judged by capacity.</summary>
/// <param name="Point">The format.</param>
/// <param name="Capacity">ρ of the format.</param>
/// <param name="BoundGmse">Least Gaussian MSE at its width.</param>
/// <param name="BoundCapacity">ρ under noise of that MSE: the noise-injection bound.</param>
public sealed record FormatOptimality(RepresentationPoint Point, double Capacity, double BoundGmse, double BoundCapacity)
{
    /// <summary><c>ρ / ρ(bound)</c>, in (0, 1] for an honest format.</summary>
    public double Optimality => Capacity / BoundCapacity;

    /// <summary>Stored bits beyond those a perfect code needs for the same MSE; negative only if bits were not counted.</summary>
    public double GapBits => Point.Bits - Point.EffectiveBits;

    /// <summary>The optimality of a format under a capacity curve.</summary>
    /// <param name="point">The format.</param>
    /// <param name="capacity">ρ by Gaussian MSE.</param>
    /// <param name="boundGmse">
    /// Least MSE at a width in bits; Shannon's <c>2^(−2·bits)</c> if null. For scalar codes hand in the Lloyd–Max optimum.
    /// </param>
    public static FormatOptimality Of(RepresentationPoint point, Func<double, double> capacity, Func<double, double>? boundGmse = null)
    {
        double bound = boundGmse?.Invoke(point.Bits) ?? ShannonGmse(point.Bits);
        return new(point, point.IsDense ? 1 : capacity(point.Gmse), bound, capacity(bound));
    }

    /// <summary>Shannon's least relative MSE of a Gaussian source at a rate.</summary>
    /// <param name="bits">Bits per value.</param>
    public static double ShannonGmse(double bits) => Math.Pow(2, -2 * bits);
}
