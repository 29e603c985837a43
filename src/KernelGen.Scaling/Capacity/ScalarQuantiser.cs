namespace KernelGen.Scaling;

/// <summary>A scalar code over N(0, 1): levels, decision boundaries half-way between them, error and entropy by exact integration.</summary>
public sealed class ScalarQuantiser
{
    /// <summary>A code of nearest-level rounding.</summary>
    /// <param name="levels">Distinct levels in ascending order, at least one.</param>
    /// <exception cref="ArgumentException">There is no level, or they do not ascend.</exception>
    public ScalarQuantiser(IReadOnlyList<double> levels)
    {
        if (levels.Count == 0)
        {
            throw new ArgumentException("A quantiser has at least one level.", nameof(levels));
        }
        double low = double.NegativeInfinity;
        for (int i = 0; i < levels.Count; i++)
        {
            double high = i + 1 < levels.Count ? 0.5 * (levels[i] + levels[i + 1]) : double.PositiveInfinity;
            if (!(high > low) || (i > 0 && !(levels[i] > levels[i - 1])))
            {
                throw new ArgumentException(FormattableString.Invariant($"Level {i} is {levels[i]}: levels must ascend."), nameof(levels));
            }
            double mass = GaussianIntegral.Mass(low, high);
            Mse += GaussianIntegral.SquaredDistance(low, high, levels[i]);
            Entropy -= mass > 0 ? mass * Math.Log2(mass) : 0;
            low = high;
        }
        Levels = levels;
    }

    /// <summary>Levels, ascending.</summary>
    public IReadOnlyList<double> Levels { get; }

    /// <summary>E(x − Q(x))².</summary>
    public double Mse { get; }

    /// <summary>Entropy of the codes in bits: what an ideal entropy code spends per value.</summary>
    public double Entropy { get; }

    /// <summary>log2 of the number of levels: what a code of fixed length spends per value.</summary>
    public double Bits => Math.Log2(Levels.Count);
}
