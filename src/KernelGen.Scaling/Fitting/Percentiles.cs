using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

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

    /// <summary>
    /// The level to read off a bootstrap so that its interval keeps its promise for few runs: with n runs and p parameters the
    /// resamples are too narrow by √((n − p)/n), and Student's t is wider than the normal. Hesterberg 2014, "What teachers should know
    /// about the bootstrap", arXiv:1411.5279, expanded percentile interval.
    /// </summary>
    public static double Expanded(double level, int runs, int parameters)
    {
        int freedom = Math.Max(1, runs - parameters);
        double t = StudentT.InvCDF(0, 1, freedom, 0.5 * (1 + level)) * Math.Sqrt((double)runs / freedom);
        return 2 * Normal.CDF(0, 1, t) - 1;
    }

    /// <summary>A quantile of sorted samples, linear between them.</summary>
    public static double Quantile(double[] sorted, double share) =>
        SortedArrayStatistics.QuantileCustom(sorted, share, QuantileDefinition.R7);

    /// <summary>Standard deviation; 0 for fewer than two samples.</summary>
    public static double StandardDeviation(double[] samples) => samples.Length < 2 ? 0 : ArrayStatistics.StandardDeviation(samples);
}
