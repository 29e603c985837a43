namespace KernelGen.Scaling.Tests;

public class RateDistortionTests
{
    /// <summary>Lloyd–Max and uniform quantisers of a Gaussian, from an independent computation.</summary>
    [Theory]
    [InlineData(2, 0.3633802276, 1, 0.3633802276, 1.595769, 1)]
    [InlineData(3, 0.1901740392, 1.5357893, 0.1901740392, 1.224006, 1.535789)]
    [InlineData(4, 0.1174818478, 1.9110988, 0.1188460504, 0.9956867, 1.90373)]
    [InlineData(5, 0.07994112709, 2.2029164, 0.0821776606, 0.8429863, 2.183127)]
    [InlineData(6, 0.05797765372, 2.4427888, 0.06065658503, 0.7334326, 2.408506)]
    [InlineData(7, 0.0440003825, 2.6469311, 0.04685997439, 0.6507697, 2.597576)]
    [InlineData(8, 0.03454776079, 2.8248652, 0.03743965939, 0.5860194, 2.76057)]
    [InlineData(9, 0.02785326095, 2.9826949, 0.03069585896, 0.5338222, 2.903918)]
    [InlineData(11, 0.01921950803, 3.2535062, 0.0218556534, 0.4546232, 3.147615)]
    [InlineData(15, 0.01073721056, 3.6766302, 0.01288938591, 0.3534113, 3.524015)]
    [InlineData(16, 0.009501008008, 3.7653285, 0.01154288443, 0.3352006, 3.602417)]
    [InlineData(32, 0.002504668356, 4.7297835, 0.003495211362, 0.1881388, 4.449263)]
    [InlineData(64, 0.0006442396653, 5.7100776, 0.001040045409, 0.104063, 5.308686)]
    [InlineData(128, 0.00016347823, 6.6995829, 0.0003043327708, 0.05686767, 6.182326)]
    [InlineData(256, 4.118508287e-05, 7.6941191, 8.768618578e-05, 0.03076239, 7.069435)]
    public void Quantisers_agree_with_golden_ones(
        int levels,
        double bestMse,
        double bestEntropy,
        double uniformMse,
        double uniformStep,
        double uniformEntropy
    )
    {
        ScalarQuantiser best = RateDistortion.LloydMax(levels),
            uniform = RateDistortion.UniformQuantiser(levels);
        Close(bestMse, best.Mse, 1e-8);
        Close(bestEntropy, best.Entropy, 1e-7);
        Close(uniformMse, uniform.Mse, 1e-8);
        Close(uniformStep, uniform.Levels[1] - uniform.Levels[0], 1e-5);
        Close(uniformEntropy, uniform.Entropy, 1e-5);
        Close(Math.Pow(levels, -2), RateDistortion.GaussianDistortion(best.Bits), 1e-12);
    }

    /// <summary>Positive levels of the best quantisers of 3, 4, 5 and 8 levels.</summary>
    [Theory]
    [InlineData(3, 0.0, 1.22400636)]
    [InlineData(4, 0.452780035, 1.51041761)]
    [InlineData(5, 0.0, 0.764567571, 1.72414741)]
    [InlineData(8, 0.245094179, 0.756005281, 1.34390928, 2.1519457)]
    public void Lloyd_Max_levels_are_the_golden_ones(int levels, params double[] upper)
    {
        double[] found = [.. RateDistortion.LloydMax(levels).Levels.Where(level => level >= -1e-12)];
        Assert.Equal(upper.Length, found.Length);
        Assert.All(upper.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    /// <summary>formats.md B1, and the exact one-bit values √(2/π) and 1 − 2/π.</summary>
    [Theory]
    [InlineData(16, .00950101)]
    [InlineData(32, .00250467)]
    [InlineData(64, .00064424)]
    [InlineData(128, .00016348)]
    [InlineData(256, .00004119)]
    public void LloydMax_has_the_published_errors(int levels, double mse) => Assert.Equal(mse, RateDistortion.LloydMax(levels).Mse, 5.1e-9);

    [Fact]
    public void One_bit_is_exact()
    {
        ScalarQuantiser best = RateDistortion.LloydMax(2);
        Assert.Equal(Math.Sqrt(2 / Math.PI), best.Levels[1], 1e-13);
        Assert.Equal(1 - 2 / Math.PI, best.Mse, 1e-13);
        Assert.Equal(1, RateDistortion.LloydMax(1).Mse, 1e-13);
    }

    [Fact]
    public void LloydMax_levels_are_means_of_their_cells_and_symmetric()
    {
        foreach (int count in new[] { 3, 7, 16, 255, 256, 1000 })
        {
            IReadOnlyList<double> levels = RateDistortion.LloydMax(count).Levels;
            Assert.Equal(count, levels.Count);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(-levels[count - 1 - i], levels[i], 1e-15);
                double low = i == 0 ? double.NegativeInfinity : 0.5 * (levels[i - 1] + levels[i]);
                double high = i == count - 1 ? double.PositiveInfinity : 0.5 * (levels[i] + levels[i + 1]);
                Assert.Equal(GaussianIntegral.FirstMoment(low, high) / GaussianIntegral.Mass(low, high), levels[i], 1e-11);
            }
        }
    }

    [Fact]
    public void High_rate_limit_takes_over_smoothly()
    {
        double solved = RateDistortion.BestGmse(12, CodeBound.Scalar),
            limit = Math.Sqrt(3) * Math.PI / 2 * Math.Pow(2, -24);
        Assert.Equal(1, solved / limit, 2e-3);
        Assert.Equal(Math.Sqrt(3) * Math.PI / 2 * Math.Pow(2, -32), RateDistortion.BestGmse(16, CodeBound.Scalar), 1e-20);
        Assert.Equal(RateDistortion.LloydMax(19).Mse, RateDistortion.BestGmse(4.25, CodeBound.Scalar));
        Assert.Equal(Math.Pow(2, -8.5), RateDistortion.BestGmse(4.25, CodeBound.Shannon), 1e-15);
    }

    /// <summary>formats.md B1, entropy-coded uniform quantiser; the last rate, printed there as 1.5858, is 1.585748.</summary>
    [Theory]
    [InlineData(.25, 4.0508, .00520833)]
    [InlineData(.5, 3.0620, .0208333)]
    [InlineData(1.0, 2.1048, .0833333)]
    [InlineData(1.5, 1.58575, .187465)]
    public void Entropy_coding_has_the_published_rates(double step, double bits, double mse)
    {
        (double rate, double error) = RateDistortion.EntropyCodedUniform(step);
        Assert.Equal(bits, rate, 5.1e-5);
        Assert.Equal(mse, error, 5.1e-7);
        Assert.Equal(error, RateDistortion.EntropyCodedDistortion(rate), error * 1e-9);
    }

    [Fact]
    public void Entropy_coding_tends_to_a_quarter_bit_above_Shannon() =>
        Assert.Equal(Math.PI * Math.E / 6, RateDistortion.EntropyCodedDistortion(8) / RateDistortion.GaussianDistortion(8), 1e-4);

    [Fact]
    public void Codes_are_ordered_Shannon_LloydMax_uniform()
    {
        for (int bits = 1; bits <= 8; bits++)
        {
            double shannon = RateDistortion.GaussianDistortion(bits),
                best = RateDistortion.LloydMax(1 << bits).Mse;
            Assert.True(shannon < best);
            Assert.True(best <= RateDistortion.UniformQuantiser(1 << bits).Mse * (1 + 1e-12));
            Assert.True(shannon < RateDistortion.EntropyCodedDistortion(bits));
            Assert.InRange(RateDistortion.Optimality(best, bits, CapacityFamily.Int.Coefficients, CodeBound.Scalar), 1 - 1e-9, 1 + 1e-9);
            Assert.InRange(RateDistortion.Optimality(best, bits, CapacityFamily.Int.Coefficients, CodeBound.Shannon), 0, 1);
        }
    }

    [Fact]
    public void Effective_bits_invert_the_distortion()
    {
        Assert.Equal(3.25, RateDistortion.EffectiveBits(RateDistortion.GaussianDistortion(3.25))!.Value, 1e-14);
        Assert.Null(RateDistortion.EffectiveBits(0));
        Assert.Equal(0, RateDistortion.EffectiveBits(1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => RateDistortion.EffectiveBits(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => RateDistortion.GaussianDistortion(-1));
        Assert.Throws<ArgumentException>(() => new ScalarQuantiser([1.0, 1.0]));
    }

    private static void Close(double expected, double actual, double relative) =>
        Assert.Equal(expected, actual, Math.Abs(expected) * relative + 1e-15);
}
