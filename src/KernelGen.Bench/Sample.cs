namespace KernelGen.Bench;

/// <summary>Middle and spread of repeated measurements.</summary>
/// <param name="Median">The median.</param>
/// <param name="Spread">Half the distance between the quartiles: what a single repetition typically is off.</param>
internal readonly record struct Sample(double Median, double Spread)
{
    public static Sample Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new(Quantile(sorted, 0.5), (Quantile(sorted, 0.75) - Quantile(sorted, 0.25)) / 2);
    }

    private static double Quantile(double[] sorted, double fraction)
    {
        double at = fraction * (sorted.Length - 1);
        int below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
