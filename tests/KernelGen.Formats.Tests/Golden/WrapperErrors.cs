using KernelGen.Kernels.Elements;
using KernelGen.Scaling;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>
/// Errors of masks, outliers and rotations over Gaussian values: against the golden table and against staged compositions.
/// </summary>
public class WrapperErrors
{
    private static readonly ProbeOptions Options = new() { Samples = 1L << 22, Seed = 7 };

    /// <summary>Errors of masks by magnitude, from an independent measurement with its standard error.</summary>
    [Theory]
    [InlineData("corner-sparse24-f16", 8.75, 0.1323649, 0.00016)]
    [InlineData("corner-sparse14-f16", 4.5, 0.382222, 0.00028)]
    [InlineData("corner-sparse12-f16", 8.5, 0.1816208, 0.00019)]
    public void Masks_alone_have_the_golden_error_and_count_their_bits(string format, double bits, double expected, double standardError)
    {
        CapacityResult result = CapacityProbe.Measure(Laws.Formats.All[format], Options);
        double allowed = 4 * double.Hypot(result.StandardError!.Value, standardError);
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
    [InlineData("sparse50-int4", "sparse50%+corner-int4-g64-search")]
    [InlineData("sparse75-int4", "sparse75%+corner-int4-g64-search")]
    public void A_declared_format_is_the_staged_composition(string declared, string staged)
    {
        Representation composition = Representation.Parse(staged, Laws.Formats.All);
        CapacityResult own = CapacityProbe.Measure(Laws.Formats.All[declared], Options),
            parts = composition.Measure(Options).Weights;
        Assert.InRange(Math.Abs(own.Gmse - parts.Gmse), 0, 4 * double.Hypot(own.StandardError!.Value, parts.StandardError!.Value));
        Assert.InRange(own.Gmse / parts.Gmse, 1 - 1e-5, 1 + 1e-5);
        Assert.Equal(composition.Bits, Laws.Formats.All[declared].Info.BitsPerWeight, 9);
    }

    /// <summary>
    /// The mask alone, in whole rows of 4096 and in blocks of 128: rows have the exact error of long ones, blocks a little more. The table
    /// of docs/capacity.md.
    /// </summary>
    [Theory]
    [InlineData(0.5, 0.0734)]
    [InlineData(0.25, 0.2805)]
    [InlineData(0.1, 0.5621)]
    public void A_mask_in_whole_rows_has_the_exact_error_and_one_per_block_a_little_more(double density, double perBlock)
    {
        const int columns = 4096,
            rows = 512;
        var random = new Random(5);
        float[] row = new float[columns];
        byte[] bitmap = new byte[SparseBitmap.Bytes(columns)];
        double[] dropped = new double[2];
        double square = 0;
        for (int r = 0; r < rows; r++)
        {
            for (int i = 0; i < columns; i++)
            {
                row[i] = Laws.Formats.Normal(random);
                square += (double)row[i] * row[i];
            }
            foreach ((int way, int span) in new[] { (0, columns), (1, 128) })
            {
                for (int start = 0; start < columns; start += span)
                {
                    SparseBitmap.Select(row.AsSpan(start, span), SparseBitmap.Kept(span, density), bitmap);
                    for (int i = 0; i < span; i++)
                    {
                        dropped[way] += (bitmap[i >> 3] >> (i & 7) & 1) != 0 ? 0 : (double)row[start + i] * row[start + i];
                    }
                }
            }
        }
        Assert.InRange(dropped[0] / square / MagnitudeSparsity.Gmse(1 - density), 0.996, 1.004);
        Assert.InRange(dropped[1] / square / perBlock, 0.995, 1.005);
        Assert.True(dropped[0] < dropped[1]);
    }

    /// <summary>A declared format with blocks pays for them about what its mask does.</summary>
    [Fact]
    public void Blocks_cost_a_declared_format_a_few_per_cent()
    {
        double Gmse(string name) => CapacityProbe.Measure(Laws.Formats.All[name], Options).Gmse;
        Assert.InRange(Gmse("sparse50-int4-block") / Gmse("sparse50-int4"), 1.01, 1.04);
        Assert.Equal(Laws.Formats.All["sparse50-int4-block"].Info.BitsPerWeight, Laws.Formats.All["sparse50-int4"].Info.BitsPerWeight);
        // kept values in bytes: nothing but the mask is left of the error
        Assert.InRange(Gmse("corner-row-sparse90-int8-g1000") / MagnitudeSparsity.Gmse(0.9), 0.996, 1.004);
        Assert.InRange(Gmse("corner-sparse-density-int8"), 0.0708, 0.0722); // blocks of 4096 are long rows
    }

    /// <summary>
    /// A rotation leaves Gaussian values Gaussian, so the error stays; it takes outliers away, so that with them it falls.
    /// </summary>
    [Theory]
    [InlineData("int4-hadamard", "corner-int4-g128-search")]
    [InlineData("sparse24-int4-g64-hadamard", "sparse24-int4")]
    public void A_rotation_keeps_the_error_of_Gaussian_values_and_tames_outliers(string rotated, string plain)
    {
        CapacityResult with = CapacityProbe.Measure(Laws.Formats.All[rotated], Options),
            without = CapacityProbe.Measure(Laws.Formats.All[plain], Options);
        Assert.InRange(Math.Abs(with.Gmse - without.Gmse), 0, 4 * double.Hypot(with.StandardError!.Value, without.StandardError!.Value));
        ProbeOptions heavy = Options with { Source = ValueSource.StudentT(3) };
        if (plain != "sparse24-int4") // a mask rather likes heavy tails
        {
            Assert.True(
                CapacityProbe.Measure(Laws.Formats.All[rotated], heavy).Gmse < CapacityProbe.Measure(Laws.Formats.All[plain], heavy).Gmse
            );
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
    /// What fixed blocks cost: 3 outliers of every 256 weights, 1.17 % in 3.7813 bits, against the largest 1 % of a row of 4096 in 3.7539.
    /// The table of docs/capacity.md.
    /// </summary>
    [Theory]
    [InlineData("normal", 0.0378, 0.0300, 0.0305)]
    [InlineData("laplace", 0.0578, 0.0391, 0.0397)]
    [InlineData("student-t3", 0.0721, 0.0351, 0.0357)]
    public void Outliers_of_rows_take_fewer_bits_and_fewer_of_them_do_the_same(string source, double none, double block, double row)
    {
        const int rows = 128,
            columns = 4096;
        var random = new Random(3);
        float Next()
        {
            double normal = Laws.Formats.Normal(random);
            double chi() => Math.Pow(Laws.Formats.Normal(random), 2);
            return (float)(
                source switch
                {
                    "normal" => normal,
                    "laplace" => Math.CopySign(Math.Log(1 - random.NextDouble()), normal),
                    _ => normal / Math.Sqrt((chi() + chi() + chi()) / 3),
                }
            );
        }
        float[] weights = [.. Enumerable.Range(0, rows * columns).Select(_ => Next())],
            decoded = new float[weights.Length];
        Check("corner-int3-g32-search", none);
        Check("int3-g32-outliers1-block", block);
        Check("int3-g32-outliers1", row);

        void Check(string name, double expected)
        {
            Laws.Formats.All[name].RoundTrip(weights, rows, columns, decoded);
            double error = SquaredErrors() / weights.Sum(w => (double)w * w);
            Assert.True(Math.Abs(error / expected - 1) < 0.02, $"{name} {source}: {error}, not {expected}");
        }

        double SquaredErrors() => weights.Select((w, i) => Math.Pow((double)w - decoded[i], 2)).Sum();
    }

    /// <summary>The largest of a row come back as their 16 bits, wherever they are and however many of them lie together.</summary>
    [Fact]
    public void Outliers_of_a_row_may_crowd()
    {
        CompressedFormat format = Laws.Formats.All["int3-g32-outliers1"];
        const int columns = 4096 + 17;
        float[] weights = Laws.Formats.Make("normal", columns),
            decoded = new float[columns];
        int count = (int)format.Info.RowOutliers!.Count(format.Info.Blocks(columns) * format.Info.Block);
        Assert.Equal(42, count); // 1 % of 4128
        for (int i = 0; i < count; i++)
        {
            weights[columns - 1 - i] = (i % 2 == 0 ? 1 : -1) * (100 + i);
        }
        format.RoundTrip(weights, 1, columns, decoded);
        Assert.Equal(weights[^count..], decoded[^count..]);
        Assert.True(weights[..^count].Zip(decoded, (w, d) => Math.Abs(w - d)).Max() < 1);
    }

    [Fact]
    public void Outliers_lower_the_error_more_the_heavier_the_tails()
    {
        double Ratio(ValueSource source) =>
            CapacityProbe.Measure(Laws.Formats.All["int3-g32-outliers1"], Options with { Source = source }).Gmse
            / CapacityProbe.Measure(Laws.Formats.All["corner-int3-g32-search"], Options with { Source = source }).Gmse;
        double gaussian = Ratio(ValueSource.Gaussian),
            laplace = Ratio(ValueSource.Laplace);
        Assert.InRange(gaussian, 0.5, 0.95);
        Assert.True(laplace < gaussian, $"{laplace} against {gaussian}");
    }
}
