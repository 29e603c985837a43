namespace KernelGen.Scaling;

/// <summary>
/// Exact errors over N(0, 1) when the values of smallest magnitude are set to zero: |x| &lt; t with P(|x| &lt; t) = s.
/// </summary>
public static class MagnitudeSparsity
{
    /// <summary>t with 2Φ(t) − 1 = s.</summary>
    /// <param name="sparsity">s: the share of values set to zero, 0 to below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">s is not in [0, 1).</exception>
    public static double Threshold(double sparsity)
    {
        if (!(sparsity >= 0 && sparsity < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(sparsity), sparsity, "Sparsity is at least 0 and below 1.");
        }
        return sparsity == 0 ? 0 : GaussianIntegral.Quantile(0.5 + 0.5 * sparsity);
    }

    /// <summary>GMSE of the mask alone: ∫ x²φ over |x| &lt; t = s − 2tφ(t).</summary>
    /// <param name="sparsity">s, in [0, 1).</param>
    public static double Gmse(double sparsity)
    {
        double threshold = Threshold(sparsity);
        return 2 * GaussianIntegral.SquaredDistance(0, threshold, 0);
    }

    /// <summary>GMSE of the mask followed by nearest-level rounding of the kept values to fixed levels.</summary>
    /// <param name="sparsity">s, in [0, 1).</param>
    /// <param name="levels">Distinct levels in ascending order, in units of the standard deviation.</param>
    public static double Gmse(double sparsity, IReadOnlyList<double> levels)
    {
        double threshold = Threshold(sparsity),
            error = 2 * GaussianIntegral.SquaredDistance(0, threshold, 0);
        for (int i = 0; i < levels.Count; i++)
        {
            double low = i == 0 ? double.NegativeInfinity : 0.5 * (levels[i - 1] + levels[i]);
            double high = i == levels.Count - 1 ? double.PositiveInfinity : 0.5 * (levels[i] + levels[i + 1]);
            if (low < -threshold)
            {
                error += GaussianIntegral.SquaredDistance(low, Math.Min(high, -threshold), levels[i]);
            }
            if (high > threshold)
            {
                error += GaussianIntegral.SquaredDistance(Math.Max(low, threshold), high, levels[i]);
            }
        }
        return error;
    }
}
