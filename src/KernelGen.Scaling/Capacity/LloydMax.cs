namespace KernelGen.Scaling;

/// <summary>
/// Levels of least squared error over N(0, 1): each is the mean of its cell, cells meet half-way. Lloyd's own iteration
/// gains a factor of 1 − O(1/n²) a step; Newton's on the same equations, whose Jacobian is tridiagonal, ends in a few.
/// </summary>
internal static class LloydMax
{
    private const int MostSteps = 200;

    /// <summary>The levels, ascending. Only the negative half is solved for, where Φ keeps relative accuracy.</summary>
    public static double[] Solve(int count)
    {
        int half = count / 2;
        bool centre = count % 2 == 1;
        double[] levels = Start(count, half);
        for (int step = 0; step < MostSteps && half > 0; step++)
        {
            double[] change = NewtonStep(levels, centre);
            // Where a full step would let levels cross, a part of it is taken.
            double size = 1;
            while (!Ascending(levels, change, size))
            {
                size /= 2;
            }
            double largest = 0;
            for (int i = 0; i < half; i++)
            {
                levels[i] += size * change[i];
                largest = Math.Max(largest, Math.Abs(change[i]));
            }
            if (largest < 1e-14)
            {
                break;
            }
        }
        return [.. levels, .. centre ? [0.0] : Array.Empty<double>(), .. levels.Reverse().Select(level => -level)];
    }

    /// <summary>Quantiles of N(0, 3), whose density goes as φ^⅓: the optimal density of levels at high rate (Panter and Dite 1951).</summary>
    private static double[] Start(int count, int half)
    {
        var levels = new double[half];
        for (int i = 0; i < half; i++)
        {
            levels[i] = Math.Sqrt(3) * GaussianIntegral.Quantile((i + 0.5) / count);
        }
        return levels;
    }

    private static bool Ascending(double[] levels, double[] change, double size)
    {
        double below = double.NegativeInfinity;
        for (int i = 0; i < levels.Length; i++)
        {
            double level = levels[i] + size * change[i];
            if (!(level > below) || !(level < 0))
            {
                return false;
            }
            below = level;
        }
        return true;
    }

    /// <summary>Solves J·d = −(level − mean of its cell) by elimination along the three diagonals.</summary>
    private static double[] NewtonStep(double[] levels, bool centre)
    {
        int n = levels.Length;
        double[] upper = new double[n],
            right = new double[n];
        for (int i = 0; i < n; i++)
        {
            double low = i == 0 ? double.NegativeInfinity : 0.5 * (levels[i - 1] + levels[i]);
            double next =
                i + 1 < n ? levels[i + 1]
                : centre ? 0
                : -levels[i];
            double high = 0.5 * (levels[i] + next);
            double mass = GaussianIntegral.Mass(low, high),
                mean = GaussianIntegral.FirstMoment(low, high) / mass;
            double byLow = i == 0 ? 0 : GaussianIntegral.Pdf(low) * (mean - low) / mass,
                byHigh = GaussianIntegral.Pdf(high) * (high - mean) / mass;

            // The last boundary is 0 for an even number of levels and half of the last level if one sits at 0.
            bool last = i + 1 == n;
            double below = -0.5 * byLow,
                diagonal = 1 - 0.5 * byLow - (last && !centre ? 0 : 0.5 * byHigh),
                above = last ? 0 : -0.5 * byHigh;
            double pivot = diagonal - (i == 0 ? 0 : below * upper[i - 1]);
            upper[i] = above / pivot;
            right[i] = (mean - levels[i] - (i == 0 ? 0 : below * right[i - 1])) / pivot;
        }
        for (int i = n - 2; i >= 0; i--)
        {
            right[i] -= upper[i] * right[i + 1];
        }
        return right;
    }
}
