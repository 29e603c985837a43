using KernelGen.Kernels.Elements;

namespace KernelGen.Scaling.Tests;

public class CapacityFitTests
{
    [Fact]
    public void Committed_coefficients_are_what_the_fit_gives()
    {
        foreach (
            (CapacityFamily family, IReadOnlyList<CapacityPoint> points) in new[]
            {
                (CapacityFamily.Int, PublishedCapacity.Uniform),
                (CapacityFamily.Sparse, PublishedCapacity.Sparse),
                (CapacityFamily.SparseQuantised, PublishedCapacity.SparseUniform),
            }
        )
        {
            CapacityFit fit = CapacityFit.Fit(points);
            Assert.True(fit.Converged);
            Assert.Equal(fit.Coefficients.Rate, family.Coefficients.Rate, 1e-9);
            Assert.Equal(fit.Coefficients.Exponent, family.Coefficients.Exponent, 1e-9);
            Assert.Equal(1, family.Coefficients.Limit);
        }
    }

    /// <summary>capacity-and-laws.md §2, "Check".</summary>
    [Fact]
    public void Sparsity_gives_the_published_fit()
    {
        CapacityFit fit = CapacityFit.Fit(PublishedCapacity.Sparse);
        Assert.Equal(0.283, fit.Coefficients.Rate, 5e-4);
        Assert.Equal(0.484, fit.Coefficients.Exponent, 5e-4);
        Assert.True(fit.LargestResidual < 0.011);
    }

    [Fact]
    public void Residuals_are_as_documented()
    {
        Assert.InRange(CapacityFit.Fit(PublishedCapacity.Uniform).LargestResidual, 0.04, 0.05);
        Assert.InRange(CapacityFit.Fit(PublishedCapacity.SparseUniform).LargestResidual, 0.08, 0.095);
    }

    [Fact]
    public void Assumed_absmax_leaves_the_least_residuals()
    {
        double best = CapacityFit.Fit(PublishedCapacity.SparseUniform).RmsResidual;
        foreach (double other in new[] { 3.0, 4.0, 5.0, 5.6, 6.0, 7.0 })
        {
            Assert.True(CapacityFit.Fit(PublishedCapacity.SparseUniformAt(other)).RmsResidual > best, $"absmax {other}σ");
        }
    }

    [Fact]
    public void Fit_recovers_coefficients_it_is_shown()
    {
        var truth = new CapacityCoefficients(0.9, 0.41, 1.3);
        CapacityPoint[] points = [.. new[] { 0.7, 0.3, 0.1, 0.03, 0.01, 0.001 }.Select(g => new CapacityPoint(g, truth.Capacity(g)))];
        CapacityFit fit = CapacityFit.Fit(points, 0.9);
        Assert.Equal(0.41, fit.Coefficients.Rate, 1e-9);
        Assert.Equal(1.3, fit.Coefficients.Exponent, 1e-9);
        Assert.True(fit.LargestResidual < 1e-10);
    }

    [Fact]
    public void Fit_refuses_what_it_cannot_use()
    {
        Assert.Contains("1", Assert.Throws<ArgumentException>(() => CapacityFit.Fit([new(0.1, 0.5)])).Message);
        Assert.Contains("Point 1", Assert.Throws<ArgumentException>(() => CapacityFit.Fit([new(0.1, 0.5), new(1, 0.5)])).Message);
        Assert.Contains("Point 0", Assert.Throws<ArgumentException>(() => CapacityFit.Fit([new(0.1, double.NaN), new(0.2, 0.5)])).Message);
    }

    [Fact]
    public void Capacity_has_the_right_ends_and_falls_with_the_error()
    {
        foreach (CapacityFamily family in CapacityFamily.Fitted)
        {
            CapacityCoefficients c = family.Coefficients;
            Assert.Equal(1, c.Capacity(0));
            Assert.Equal(0, c.Capacity(1));
            Assert.Equal(0, c.Capacity(1.7));
            double last = 1;
            for (double g = 1e-8; g < 1; g *= 1.5)
            {
                double now = c.Capacity(g);
                Assert.True(now < last || (now == 1 && g < 1e-6));
                Assert.Equal(g, c.Gmse(now), g * 1e-3 * (now > 0.999999 ? 1e6 : 1));
                last = now;
            }
            Assert.Throws<ArgumentOutOfRangeException>(() => c.Capacity(double.NaN));
            Assert.Throws<ArgumentOutOfRangeException>(() => c.Gmse(1.1));
        }
    }

    [Fact]
    public void Families_without_a_fit_borrow_one_and_say_so()
    {
        Assert.Same(CapacityFamily.Int, CapacityFamily.Of("INT"));
        foreach (string name in new[] { "float", "codebook", "vector", "trellis" })
        {
            CapacityFamily family = CapacityFamily.Of(name);
            Assert.Equal(name, family.Name);
            Assert.False(family.HasOwnFit);
            Assert.Equal(CapacityFamily.Int.Coefficients, family.Coefficients);
        }
        Assert.Equal(CapacityFamily.SparseQuantised.Coefficients, CapacityFamily.Of("sparse-float").Coefficients);
    }

    /// <summary>Errors of masks by magnitude, from an independent integration.</summary>
    [Theory]
    [InlineData(0.05, 6.5501314e-05)]
    [InlineData(0.1, 0.00052525175)]
    [InlineData(0.15, 0.0017797756)]
    [InlineData(0.2, 0.0042424766)]
    [InlineData(0.25, 0.0083469383)]
    [InlineData(0.3, 0.014555366)]
    [InlineData(0.35, 0.023368758)]
    [InlineData(0.4, 0.03533963)]
    [InlineData(0.45, 0.051088491)]
    [InlineData(0.5, 0.071325918)]
    [InlineData(0.55, 0.096883159)]
    [InlineData(0.6, 0.12875621)]
    [InlineData(0.65, 0.16817198)]
    [InlineData(0.7, 0.21669292)]
    [InlineData(0.75, 0.27639304)]
    [InlineData(0.8, 0.35017968)]
    [InlineData(0.85, 0.44245303)]
    [InlineData(0.9, 0.56071394)]
    [InlineData(0.95, 0.72089954)]
    public void Sparsity_error_is_exact(double sparsity, double expected) =>
        Assert.Equal(expected, MagnitudeSparsity.Gmse(sparsity), expected * 1e-7);

    [Fact]
    public void Sparse_grid_without_sparsity_is_the_grid()
    {
        double[] levels = [-1.5, -0.5, 0, 0.7, 2];
        Assert.Equal(GaussianGrid.MeanSquaredError(levels, 1), MagnitudeSparsity.Gmse(0, levels), 1e-13);
        Assert.Throws<ArgumentOutOfRangeException>(() => MagnitudeSparsity.Gmse(1));
    }
}
