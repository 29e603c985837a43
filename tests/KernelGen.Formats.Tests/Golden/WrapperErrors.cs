using System.Globalization;
using KernelGen.Scaling;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>Errors of masks, outliers and rotations over Gaussian values: against the golden table and against staged compositions.</summary>
public class WrapperErrors
{
    private static readonly ProbeOptions Options = new() { Samples = 1L << 22, Seed = 7 };

    [SharedTheory]
    [InlineData("sparse 2of4 by magnitude", "corner-sparse24-f16", 8.75)]
    [InlineData("sparse 1of4 by magnitude", "corner-sparse14-f16", 4.5)]
    [InlineData("sparse 1of2 by magnitude", "corner-sparse12-f16", 8.5)]
    public void Masks_alone_have_the_golden_error_and_count_their_bits(string row, string format, double bits)
    {
        string[] golden = File.ReadLines(SharedFolder.File("golden", "gmse_block_scale.csv")).Select(line => line.Split(',')).Single(cells => cells[0] == row);
        CapacityResult result = CapacityProbe.Measure(Laws.Formats.All[format], Options);
        double allowed = 4 * double.Hypot(result.StandardError!.Value, double.Parse(golden[2], CultureInfo.InvariantCulture));
        double expected = double.Parse(golden[1], CultureInfo.InvariantCulture);
        Assert.InRange(result.Gmse, expected - allowed, expected + allowed);
        Assert.Equal(bits, Laws.Formats.All[format].Info.BitsPerWeight);
    }

    /// <summary>
    /// A declared sparse format and the staged round trip of mask and quantiser see the same samples and keep the same values in the
    /// same groups, so that their errors agree not only within 4 standard errors but to rounding.
    /// </summary>
    [Theory]
    [InlineData("sparse24-int4", "2:4+corner-int4-g32-search")]
    [InlineData("sparse24-int8", "2:4@index+corner-int8-g64")]
    [InlineData("sparse24-fp8", "2:4@index+corner-e4m3-g64")]
    [InlineData("sparse48pair-int4", "4:8pair@index+corner-int4-g32-search")]
    [InlineData("sparse14-int4", "1:4+corner-int4-g32-search")]
    public void A_declared_format_is_the_staged_composition(string declared, string staged)
    {
        Representation composition = Representation.Parse(staged, Laws.Formats.All);
        CapacityResult own = CapacityProbe.Measure(Laws.Formats.All[declared], Options), parts = composition.Measure(Options).Weights;
        Assert.InRange(Math.Abs(own.Gmse - parts.Gmse), 0, 4 * double.Hypot(own.StandardError!.Value, parts.StandardError!.Value));
        Assert.InRange(own.Gmse / parts.Gmse, 1 - 1e-5, 1 + 1e-5);
        Assert.Equal(composition.Bits, Laws.Formats.All[declared].Info.BitsPerWeight, 9);
    }

    /// <summary>Without a pattern a declared format chooses per block and the composition per row, which can only be better.</summary>
    [Fact]
    public void A_mask_per_block_costs_little_against_one_per_row()
    {
        double declared = CapacityProbe.Measure(Laws.Formats.All["sparse50-int4"], Options).Gmse;
        double staged = Representation.Parse("sparse50%+corner-int4-g64-search", Laws.Formats.All).Measure(Options).Weights.Gmse;
        Assert.InRange(declared / staged, 1, 1.05);
        // the mask alone over long blocks is the mask over a row: .07133 exactly
        Assert.InRange(CapacityProbe.Measure(Laws.Formats.All["corner-sparse-density-int8"], Options).Gmse, 0.0708, 0.0722);
    }

    /// <summary>A rotation leaves Gaussian values Gaussian, so the error stays; it takes outliers away, so that with them it falls.</summary>
    [Theory]
    [InlineData("int4-hadamard", "corner-int4-g128-search")]
    [InlineData("sparse24-int4-g64-hadamard", "sparse24-int4")]
    public void A_rotation_keeps_the_error_of_Gaussian_values_and_tames_outliers(string rotated, string plain)
    {
        CapacityResult with = CapacityProbe.Measure(Laws.Formats.All[rotated], Options), without = CapacityProbe.Measure(Laws.Formats.All[plain], Options);
        Assert.InRange(Math.Abs(with.Gmse - without.Gmse), 0, 4 * double.Hypot(with.StandardError!.Value, without.StandardError!.Value));
        ProbeOptions heavy = Options with { Source = ValueSource.StudentT(3) };
        if (plain != "sparse24-int4") // a mask rather likes heavy tails
        {
            Assert.True(CapacityProbe.Measure(Laws.Formats.All[rotated], heavy).Gmse < CapacityProbe.Measure(Laws.Formats.All[plain], heavy).Gmse);
        }
    }

    /// <summary>
    /// HIGGS: one scale for 1024 rotated weights and a grid leave the error of the grid by itself (BlockErrors), on values of heavy
    /// tails nearly as on Gaussian ones, which is what the rotation is for.
    /// </summary>
    [Theory]
    [InlineData("higgs2", "vq2-2x16", 2.015625, 0.1074)]
    [InlineData("higgs3", "vq3-2x64", 3.015625, 0.0297)]
    [InlineData("higgs4", "vq4-2x256", 4.015625, 0.00774)]
    public void A_rotated_grid_has_the_error_of_the_grid_whatever_the_tails(string name, string plain, double bits, double expected)
    {
        CompressedFormat format = Laws.Formats.All[name];
        Assert.Equal(bits, format.Info.BitsPerWeight);
        ProbeOptions options = Options with { Samples = 1L << 20 };
        Assert.InRange(CapacityProbe.Measure(format, options).Gmse, expected * 0.985, expected * 1.015);
        ProbeOptions laplace = options with { Source = ValueSource.Laplace };
        double rotated = CapacityProbe.Measure(format, laplace).Gmse;
        Assert.InRange(rotated, expected * 0.985, expected * 1.03);
        Assert.True(rotated < CapacityProbe.Measure(Laws.Formats.All[plain], laplace).Gmse);
    }

    /// <summary>
    /// What fixed blocks cost: 3 outliers of every 256 weights against the 48 largest of a row of 4096, everything else the same. The
    /// table of docs/capacity.md.
    /// </summary>
    [Theory]
    [InlineData("normal", 0.0300, 0.0296)]
    [InlineData("laplace", 0.0391, 0.0381)]
    [InlineData("student-t3", 0.0351, 0.0331)]
    public void Outliers_per_block_cost_a_few_per_cent_against_the_same_number_per_row(string source, double block, double row)
    {
        const int rows = 128, columns = 4096;
        var random = new Random(3);
        float Next()
        {
            double normal = Laws.Formats.Normal(random);
            double chi() => Math.Pow(Laws.Formats.Normal(random), 2);
            return (float)(source switch
            {
                "normal" => normal,
                "laplace" => Math.CopySign(Math.Log(1 - random.NextDouble()), normal),
                _ => normal / Math.Sqrt((chi() + chi() + chi()) / 3),
            });
        }
        float[] weights = [.. Enumerable.Range(0, rows * columns).Select(_ => Next())];
        Assert.InRange(Error(256), block * 0.97, block * 1.03);
        Assert.InRange(Error(4096), row * 0.97, row * 1.03);

        double Error(int span)
        {
            float[] rest = [.. weights], decoded = new float[rest.Length];
            for (int start = 0; start < rest.Length; start += span)
            {
                foreach (int i in Enumerable.Range(start, span).OrderByDescending(i => Math.Abs(weights[i])).Take(3 * span / 256))
                {
                    rest[i] = 0;
                }
            }
            Laws.Formats.All["corner-int3-g32-search"].RoundTrip(rest, rows, columns, decoded);
            double error = weights.Select((w, i) => Math.Pow(w - (rest[i] == 0 ? (float)(Half)w : (double)decoded[i]), 2)).Sum();
            return error / weights.Sum(w => (double)w * w);
        }
    }

    [Fact]
    public void Outliers_lower_the_error_more_the_heavier_the_tails()
    {
        double Ratio(ValueSource source) => CapacityProbe.Measure(Laws.Formats.All["int3-g32-outliers1"], Options with { Source = source }).Gmse
            / CapacityProbe.Measure(Laws.Formats.All["corner-int3-g32-search"], Options with { Source = source }).Gmse;
        double gaussian = Ratio(ValueSource.Gaussian), laplace = Ratio(ValueSource.Laplace);
        Assert.InRange(gaussian, 0.5, 0.95);
        Assert.True(laplace < gaussian, $"{laplace} against {gaussian}");
    }
}
