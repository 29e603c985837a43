using MathNet.Numerics.Statistics;

namespace KernelGen.Scaling;

/// <summary>Does the order of representations by Gaussian MSE foretell the order of their capacities?</summary>
/// <param name="Spearman">Correlation of the ranks of −GMSE and ρ, −1 to 1; equal values share the mean of their ranks.</param>
/// <param name="Low">Lower end of its interval over bootstrap draws of ρ; the value itself without draws.</param>
/// <param name="High">Upper end.</param>
/// <param name="Swapped">Pairs of neighbours by GMSE whose capacities have the opposite order.</param>
public sealed record RankAgreement(double Spearman, double Low, double High, IReadOnlyList<(string Better, string Worse)> Swapped)
{
    /// <summary>Compares orders.</summary>
    /// <param name="points">Name, Gaussian MSE and capacity of at least three representations.</param>
    /// <param name="draws">Capacities in bootstrap resamples, each in the order of the points; may be empty.</param>
    /// <param name="level">Probability that the interval holds the true correlation.</param>
    /// <exception cref="ArgumentException">There are fewer than three points, or all are equal in one of the two.</exception>
    public static RankAgreement Of(
        IReadOnlyList<(string Name, double Gmse, double Capacity)> points,
        IReadOnlyList<IReadOnlyList<double>> draws,
        double level = 0.9
    )
    {
        if (points.Count < 3)
        {
            throw new ArgumentException($"An order takes at least 3 representations; there are {points.Count}.", nameof(points));
        }
        double[] quality = [.. points.Select(point => -point.Gmse)];
        double value = Correlation.Spearman(quality, points.Select(point => point.Capacity));
        if (!double.IsFinite(value))
        {
            throw new ArgumentException("All representations have one Gaussian MSE, or one capacity: there is no order.", nameof(points));
        }
        double[] resampled = [.. draws.Select(draw => Correlation.Spearman(quality, draw)).Where(double.IsFinite)];
        (double low, double high) = Percentiles.Interval(resampled, level, value);
        (string Name, double Gmse, double Capacity)[] order = [.. points.OrderBy(point => point.Gmse)];
        return new(
            value,
            low,
            high,
            [
                .. order
                    .Zip(order.Skip(1))
                    .Where(pair => pair.First.Gmse < pair.Second.Gmse && pair.First.Capacity < pair.Second.Capacity)
                    .Select(pair => (pair.First.Name, pair.Second.Name)),
            ]
        );
    }
}
