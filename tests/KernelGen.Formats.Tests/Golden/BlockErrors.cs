using KernelGen.Formats.Tests.Laws;
using KernelGen.Kernels.Elements;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>What the formats that code whole blocks hold: relative squared error on Gaussian values, all bits counted.</summary>
public class BlockErrors
{
    /// <summary>Stored bits and the largest relative error that is accepted.</summary>
    [Theory]
    [InlineData("trellis2", 2.0625, 0.0700)]
    [InlineData("trellis3", 3.0625, 0.0180)]
    [InlineData("trellis4", 4.0625, 0.00465)]
    [InlineData("trellis2.25", 2.25, 0.0535)]
    [InlineData("trellis3.25", 3.25, 0.0136)]
    [InlineData("trellis4.25", 4.25, 0.00347)]
    [InlineData("e8p", 2.0625, 0.0917)]
    [InlineData("e8p3", 3.0625, 0.0292)]
    [InlineData("e8p4", 4.0625, 0.0081)]
    [InlineData("vq2-2x16", 2.0625, 0.1092)]
    [InlineData("vq3-2x64", 3.0625, 0.0298)]
    [InlineData("vq4-2x256", 4.0625, 0.0078)]
    [InlineData("vq4-1x16", 4.0625, 0.0095)]
    [InlineData("vq1-4x16", 1.0625, 0.3419)]
    [InlineData("vq2-4x256", 2.0625, 0.0971)]
    [InlineData("vq3-4x4096", 3.0625, 0.0258)]
    [InlineData("ternary-g320", 1.65, 0.1902)]
    public void The_error_is_at_most_the_one_expected_and_above_Shannons_bound(string name, double bits, double largest)
    {
        CompressedFormat format = Laws.Formats.All[name];
        Assert.Equal(bits, format.Info.BitsPerWeight);
        const int rows = 16,
            columns = 1280; // whole blocks of 256 and of 320
        ErrorSums sums = format.Probe(Laws.Formats.Make("normal", rows * columns, 11), rows, columns);
        double error = sums.SquaredError / sums.SquaredValue;
        Assert.InRange(error, Math.Pow(4, -bits), largest * 1.01);
    }

    /// <summary>
    /// The grids by themselves: one scale for all, of no bits. Half a percent is four standard errors.
    /// </summary>
    [Theory]
    [InlineData(2, 16, 0.1092)]
    [InlineData(2, 64, 0.02982)]
    [InlineData(2, 256, 0.0078)]
    [InlineData(4, 256, 0.0971)]
    public void A_grid_at_one_fixed_scale_has_the_known_error(int dimension, int entries, double expected)
    {
        ReadOnlySpan<float> points = (dimension, entries) switch
        {
            (2, 16) => GaussianGrids.Grid2x16,
            (2, 64) => GaussianGrids.Grid2x64,
            (2, 256) => GaussianGrids.Grid2x256,
            _ => GaussianGrids.Grid4x256,
        };
        var grid = new VectorGrid(dimension, points);
        float[] values = Laws.Formats.Make("normal", 400_000, 3);
        double error = grid.Encode(values, new ushort[values.Length / dimension]) / values.Sum(value => (double)value * value);
        Assert.InRange(error, expected * 0.97, expected * 1.005);
    }

    /// <summary>
    /// Values of fifty times the size at every 97th place: the error stays a small part of the sum of squares, which the outliers make up.
    /// </summary>
    [Fact]
    public void Outliers_do_not_spoil_a_block()
    {
        foreach ((string name, double largest) in new[] { ("trellis4", 0.05), ("trellis2", 0.4), ("e8p", 0.58), ("ternary-g320", 0.4) })
        {
            CompressedFormat format = Laws.Formats.All[name];
            ErrorSums sums = format.Probe(Laws.Formats.Make("outliers", 6400, 4), 1, 6400);
            Assert.True(sums.SquaredError <= largest * sums.SquaredValue, $"{name}: {sums.SquaredError / sums.SquaredValue}");
        }
    }
}
