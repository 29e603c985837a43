namespace KernelGen.Scaling;

/// <summary>Intervals from samples.</summary>
internal static class Percentiles
{
    /// <summary>The central interval that holds a share of the samples; the value itself if there are none.</summary>
    public static (double Low, double High) Interval(double[] samples, double level, double value)
    {
        if (samples.Length == 0)
        {
            return (value, value);
        }
        double[] sorted = [.. samples.Order()];
        return (Quantile(sorted, 0.5 * (1 - level)), Quantile(sorted, 0.5 * (1 + level)));
    }

    /// <summary>A quantile of sorted samples, linear between them.</summary>
    public static double Quantile(double[] sorted, double share)
    {
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 < sorted.Length ? sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]) : sorted[^1];
    }

    /// <summary>Standard deviation; 0 for fewer than two samples.</summary>
    public static double StandardDeviation(double[] samples)
    {
        if (samples.Length < 2)
        {
            return 0;
        }
        double mean = samples.Average();
        return Math.Sqrt(samples.Sum(s => (s - mean) * (s - mean)) / (samples.Length - 1));
    }
}
