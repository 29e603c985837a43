using System.Text.Json;
using KernelGen.Kernels.Elements;

namespace KernelGen.Scaling.Tests;

public class CapacityProbeTests
{
    private static CompressedFormat Int4 => CompressedFormat.Of<HandMadeInt4>();

    private static CompressedFormat MidRise => CompressedFormat.Of<HandMadeMidRise>();

    /// <summary>An independent Monte Carlo measurement has 0.00939846 ± 4.5e-06.</summary>
    [Fact]
    public void Block_format_has_the_golden_error()
    {
        CapacityResult result = CapacityProbe.Measure(Int4, new() { Samples = 1 << 24 });
        double error = double.Hypot(result.StandardError!.Value, 4.5e-06);
        Assert.InRange(result.Gmse - 0.00939846, -4 * error, 4 * error);
        Assert.True(result.StandardError < 1e-5);
        Assert.Null(result.ExactGmse);
    }

    [Fact]
    public void Exact_integration_has_the_golden_error_and_agrees_with_the_probe()
    {
        const double expected = 0.011542884;
        CapacityResult result = CapacityProbe.Measure(MidRise, new() { Samples = 1 << 23, Seed = 5 });
        Assert.Equal(expected, result.ExactGmse!.Value, expected * 1e-6);
        Assert.InRange(result.Gmse - expected, -4 * result.StandardError!.Value, 4 * result.StandardError.Value);
    }

    /// <summary>Exact Gaussian errors of integer grids at their best scale, from an independent integration.</summary>
    [Theory]
    [InlineData("int1-midrise", 0.36338023)]
    [InlineData("int2-midrise", 0.11884605)]
    [InlineData("int3-midrise", 0.037439659)]
    [InlineData("int4-midrise", 0.011542884)]
    [InlineData("int6-midrise", 0.0010400454)]
    [InlineData("int8-midrise", 8.7686186e-05)]
    [InlineData("int2-symmetric", 0.19017404)]
    [InlineData("int3-symmetric", 0.046859974)]
    [InlineData("int4-symmetric", 0.012889386)]
    [InlineData("int5-symmetric", 0.0036932198)]
    [InlineData("int8-symmetric", 8.8308031e-05)]
    [InlineData("int2-full", 0.14943107)]
    [InlineData("int4-full", 0.011864038)]
    [InlineData("int6-full", 0.0010428533)]
    [InlineData("int8-full", 8.7706922e-05)]
    public void Golden_grids_integrate_exactly(string grid, double expected)
    {
        double[] levels = grid[grid.IndexOf('-')..] switch
        {
            "-midrise" => Levels((i, n) => i - 0.5 * (n - 1), 0),
            "-symmetric" => Levels((i, n) => i - 0.5 * (n - 1), -1),
            _ => Levels((i, n) => i - n / 2, 0),
        };
        FormatInfo info = HandMadeMidRise.Info with
        {
            Levels = [.. levels.Select(l => (float)l)],
            GaussianScale = GaussianGrid.OptimalScale(levels),
        };
        Assert.Equal(expected, CapacityProbe.ExactGmse(info)!.Value, expected * 1e-6);

        double[] Levels(Func<int, int, double> level, int fewer)
        {
            int count = (1 << grid[3] - '0') + fewer;
            return [.. Enumerable.Range(0, count).Select(i => level(i, count))];
        }
    }

    /// <summary>
    /// Given the largest of 32 magnitudes, the other 31 are Gaussians cut off there; rounded to 15 levels up to it, they
    /// have an error that integrates exactly. The density of the largest is 32·2φ(m)·(2Φ(m) − 1)^31. Rounding the scale to
    /// float16 changes the error by less than 1e-6 of itself.
    /// </summary>
    [Fact]
    public void Absmax_groups_have_the_error_that_quadrature_gives()
    {
        const int group = 32,
            top = 7,
            steps = 4000;
        double expected = 0,
            width = 9.0 / steps;
        for (int i = 1; i <= steps; i++)
        {
            double m = i * width,
                scale = m / top,
                inside = 2 * GaussianIntegral.Mass(0, m),
                error = 0;
            for (int level = 0; level <= top; level++)
            {
                error +=
                    2
                    * GaussianIntegral.SquaredDistance(
                        Math.Max(0, (level - 0.5) * scale),
                        Math.Min(m, (level + 0.5) * scale),
                        level * scale
                    );
            }
            double density = group * 2 * GaussianIntegral.Pdf(m) * Math.Pow(inside, group - 1);
            expected += width * density * (group - 1) / group * error / inside;
        }
        Assert.Equal(0.009409726, expected, 1e-9);
        CapacityResult result = CapacityProbe.Measure(Int4, new() { Samples = 1 << 23, Seed = 21 });
        Assert.InRange(result.Gmse - expected, -4 * result.StandardError!.Value, 4 * result.StandardError.Value);
    }

    [Fact]
    public void Duplicate_and_non_number_levels_do_not_count()
    {
        FormatInfo info = HandMadeMidRise.Info with
        {
            Levels = [0f, 1f, float.NaN, -0f, -1f, float.PositiveInfinity],
            GaussianScale = 1.224006,
        };
        Assert.Equal([-1.0, 0.0, 1.0], CapacityProbe.DistinctLevels(info));
        Assert.Equal(0.19017404, CapacityProbe.ExactGmse(info)!.Value, 1e-8);
    }

    [Fact]
    public void Result_is_the_same_for_any_number_of_threads()
    {
        CapacityResult[] results =
        [
            .. new[] { 1, 2, 3, 7 }.Select(threads =>
                CapacityProbe.Measure(
                    Int4,
                    new()
                    {
                        Samples = 3_000_000,
                        Threads = threads,
                        Seed = 8,
                    }
                )
            ),
        ];
        Assert.All(results, result =>
            Assert.Equal(
                (results[0].Gmse, results[0].StandardError, results[0].MeanSquare),
                (result.Gmse, result.StandardError, result.MeanSquare)
            )
        );
        Assert.NotEqual(results[0].Gmse, CapacityProbe.Measure(Int4, new() { Samples = 3_000_000, Seed = 9 }).Gmse);
    }

    [Fact]
    public void Standard_error_is_the_spread_over_seeds()
    {
        CapacityResult[] results =
        [
            .. Enumerable.Range(0, 40).Select(seed => CapacityProbe.Measure(Int4, new() { Samples = 1 << 17, Seed = (ulong)seed })),
        ];
        double mean = results.Average(r => r.Gmse),
            spread = Math.Sqrt(results.Sum(r => Math.Pow(r.Gmse - mean, 2)) / 39);
        double claimed = Math.Sqrt(results.Average(r => Math.Pow(r.StandardError!.Value, 2)));
        Assert.InRange(spread / claimed, 0.65, 1.4); // χ with 39 degrees of freedom, four sigma
    }

    [Fact]
    public void Ratio_estimate_is_Cochrans()
    {
        var estimate = new RatioEstimate();
        (double E, double V)[] chunks = [(1, 10), (2, 11), (1.5, 9), (1.2, 10.5)];
        foreach ((double e, double v) in chunks)
        {
            estimate.Add(new(e, v, 100));
        }
        double ratio = 5.7 / 40.5,
            squares = chunks.Sum(c => Math.Pow(c.E - ratio * c.V, 2));
        Assert.Equal(ratio, estimate.Ratio, 1e-15);
        Assert.Equal(Math.Sqrt(4.0 / 3 * squares) / 40.5, estimate.StandardError, 1e-14);
        Assert.Equal(400, estimate.Total.Count);
        Assert.True(double.IsNaN(new RatioEstimate().StandardError));
    }

    [Fact]
    public void Derived_numbers_follow_the_definitions()
    {
        CapacityResult result = CapacityProbe.Measure(MidRise, new() { Samples = 1 << 20 });
        Assert.Equal(-0.5 * Math.Log2(result.Gmse), result.EffectiveBits!.Value, 1e-12);
        Assert.Equal(8 - result.EffectiveBits.Value, result.GapBits!.Value, 1e-12);
        Assert.Equal(CapacityFamily.Int.Coefficients.Capacity(result.Gmse), result.Capacity);
        Assert.Equal(result.StandardError!.Value / (2 * Math.Log(2) * result.Gmse), result.GapStandardError!.Value, 1e-15);
        Assert.InRange(result.MeanSquare, 0.99, 1.01);
        Assert.InRange(result.Optimality, 0.5, 1);
        Assert.Equal(1 << 20, result.Samples);
    }

    [Fact]
    public void Lossless_format_has_no_effective_bits_and_full_capacity()
    {
        CapacityResult result = CapacityProbe.Measure(CompressedFormat.Of<HandMadeFloat32>(), new() { Samples = 1 << 18 });
        Assert.True(result.IsLossless);
        Assert.Equal((0.0, 0.0, 1.0), (result.Gmse, result.StandardError, result.Capacity));
        Assert.Null(result.EffectiveBits);
        Assert.Null(result.GapBits);
        Assert.Null(result.GapStandardError);
        Assert.Equal(1, result.Optimality, 1e-9);
        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(result));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("EffectiveBits").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("GapBits").ValueKind);
    }

    [Fact]
    public void Tensor_is_taken_whole_in_its_own_shape()
    {
        const int rows = 77,
            columns = 1000;
        var values = new float[rows * columns];
        ValueSource.Laplace.Fill(1, 0, values);
        foreach (CompressedFormat format in new[] { Int4, MidRise })
        {
            var back = new float[values.Length];
            format.RoundTrip(values, rows, columns, back);
            double error = 0,
                squares = 0;
            for (int i = 0; i < values.Length; i++)
            {
                error += Math.Pow((double)values[i] - back[i], 2);
                squares += Math.Pow(values[i], 2);
            }
            CapacityResult result = CapacityProbe.Measure(format, new() { Source = new TensorSource("weights", values, rows, columns) });
            Assert.Equal(error / squares, result.Gmse, error / squares * 1e-6);
            Assert.Equal((values.Length, "weights"), (result.Samples, result.Source));
            Assert.Equal(8.0 * format.Info.PackedBytes(rows, columns) / values.Length, result.Bits);
            Assert.Null(result.ExactGmse);
        }
    }

    [Fact]
    public void Squared_error_sums_every_value_once()
    {
        var random = new Random(3);
        foreach (int length in new[] { 0, 1, 15, 16, 17, 1000 })
        {
            float[] x = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle())],
                y = [.. x.Select(_ => random.NextSingle())];
            ErrorSums sums = SquaredError.Of(x, y);
            Assert.Equal(x.Zip(y, (a, b) => Math.Pow((double)a - b, 2)).Sum(), sums.SquaredError, 1e-10);
            Assert.Equal(x.Sum(a => (double)a * a), sums.SquaredValue, 1e-10);
            Assert.Equal(length, sums.Count);
        }
    }

    [Fact]
    public void Progress_is_heard_and_ends_at_the_total()
    {
        var heard = new List<ProbeProgress>();
        CapacityProbe.Measure(Int4, new() { Samples = 1 << 20, Progress = new Listener(heard) });
        Assert.Equal((1 << 20, 1 << 20), (heard[^1].SamplesDone, heard[^1].SamplesTotal));
        Assert.True(heard[^1].SamplesPerSecond > 0);
    }

    private sealed class Listener(List<ProbeProgress> heard) : IProgress<ProbeProgress>
    {
        public void Report(ProbeProgress value) => heard.Add(value);
    }

    [Fact]
    public void Cancelling_ends_the_probe()
    {
        using var cancel = new CancellationTokenSource();
        var options = new ProbeOptions
        {
            Samples = 1L << 40,
            Cancellation = cancel.Token,
            Progress = new Canceller(cancel),
        };
        Assert.ThrowsAny<OperationCanceledException>(() => CapacityProbe.Measure(Int4, options));
    }

    private sealed class Canceller(CancellationTokenSource cancel) : IProgress<ProbeProgress>
    {
        public void Report(ProbeProgress value) => cancel.Cancel();
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => CapacityProbe.Measure(Int4, new() { Samples = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => CapacityProbe.Measure(Int4, new() { Threads = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => CapacityProbe.Measure(Int4, new() { Columns = 0 }));
    }
}
