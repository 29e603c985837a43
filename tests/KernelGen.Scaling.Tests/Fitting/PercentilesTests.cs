using CsCheck;

namespace KernelGen.Scaling.Tests;

public class PercentilesTests
{
    /// <summary>
    /// Hesterberg's expanded interval, with Student's quantile from tables: t(.95; 5) = 2.015048 and 10 runs of 5 parameters widen it by
    /// √2, so the resamples are read at 2·Φ(2.849709) − 1.
    /// </summary>
    [Theory]
    [InlineData(0.9, 10, 5, 0.995624)]
    [InlineData(0.9, 20, 10, 0.989629)]
    [InlineData(0.9, 1_000_000, 5, 0.9)]
    public void Few_runs_widen_the_interval_by_student_and_by_lost_degrees(double level, int runs, int parameters, double expected) =>
        Assert.Equal(expected, Percentiles.Expanded(level, runs, parameters), 2e-6);

    [Fact]
    public void Quantiles_are_linear_between_samples()
    {
        Assert.Equal(2.5, Percentiles.Quantile([1, 2, 3, 4], 0.5), 1e-15);
        Assert.Equal(3.7, Percentiles.Quantile([1, 2, 3, 4], 0.9), 1e-12);
        Assert.Equal(7, Percentiles.Quantile([7], 0.3));
    }

    /// <summary>An interval lies within the samples, and a wider one holds a narrower one.</summary>
    [Fact]
    public void Intervals_are_nested_and_within_the_samples() =>
        Gen.Double[-1e6, 1e6]
            .Array[1, 50]
            .Select(Gen.Double[0.01, 0.98], Gen.Double[0.001, 0.01])
            .Sample(
                (samples, level, more) =>
                {
                    (double low, double high) = Percentiles.Interval(samples, level, 0);
                    (double lower, double higher) = Percentiles.Interval(samples, level + more, 0);
                    return samples.Min() <= lower && lower <= low && low <= high && high <= higher && higher <= samples.Max();
                }
            );

    /// <summary>Fewer runs never narrow an interval, and many leave it as it is.</summary>
    [Fact]
    public void Expansion_falls_with_runs_to_the_level() =>
        Gen.Double[0.5, 0.99]
            .Select(Gen.Int[1, 12], Gen.Int[1, 500], Gen.Int[1, 500])
            .Sample(
                (level, parameters, spare, more) =>
                {
                    double few = Percentiles.Expanded(level, parameters + spare, parameters),
                        many = Percentiles.Expanded(level, parameters + spare + more, parameters);
                    return few >= many && many > level && few <= 1;
                }
            );
}
