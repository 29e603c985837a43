using System.Text.Json;

namespace KernelGen.Scaling.Tests;

public class RateDistortionTests
{
    [SharedFact]
    public void Quantisers_agree_with_golden_ones()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(Golden.Folder!, "gaussian_scalar_quantisers.json")));
        int compared = 0;
        foreach (JsonProperty entry in golden.RootElement.EnumerateObject())
        {
            JsonElement row = entry.Value;
            int levels = row.GetProperty("levels").GetInt32();
            ScalarQuantiser best = RateDistortion.LloydMax(levels),
                uniform = RateDistortion.UniformQuantiser(levels);
            Close(row.GetProperty("lm_mse").GetDouble(), best.Mse, 1e-8);
            Close(row.GetProperty("lm_entropy").GetDouble(), best.Entropy, 1e-7);
            Close(row.GetProperty("unif_mse").GetDouble(), uniform.Mse, 1e-8);
            Close(row.GetProperty("unif_step").GetDouble(), uniform.Levels[1] - uniform.Levels[0], 1e-5);
            Close(row.GetProperty("unif_entropy").GetDouble(), uniform.Entropy, 1e-5);
            if (row.TryGetProperty("lm_pos", out JsonElement positive) && positive.ValueKind == JsonValueKind.Array)
            {
                double[] upper = [.. best.Levels.Where(level => level >= -1e-12)];
                Assert.Equal(positive.GetArrayLength(), upper.Length);
                for (int i = 0; i < upper.Length; i++)
                {
                    Assert.Equal(positive[i].GetDouble(), upper[i], 1e-6);
                }
            }
            Close(row.GetProperty("DR").GetDouble(), RateDistortion.GaussianDistortion(best.Bits), 1e-12);
            compared++;
        }
        Assert.Equal(15, compared);
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
