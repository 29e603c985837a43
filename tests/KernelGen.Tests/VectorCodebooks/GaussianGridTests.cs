using KernelGen.Kernels.Elements;

namespace KernelGen.Tests.VectorCodebooks;

public class GaussianGridTests
{
    private static ReadOnlySpan<float> Grid(int dimension, int entries) =>
        (dimension, entries) switch
        {
            (1, 16) => GaussianGrids.Grid1x16,
            (2, 16) => GaussianGrids.Grid2x16,
            (2, 64) => GaussianGrids.Grid2x64,
            (2, 256) => GaussianGrids.Grid2x256,
            (4, 16) => GaussianGrids.Grid4x16,
            (4, 256) => GaussianGrids.Grid4x256,
            _ => GaussianGrids.Grid4x4096,
        };

    /// <summary>The numbers of formats.md B4, k-means grids by another hand: ours must not be worse.</summary>
    [Theory]
    [InlineData(1, 16, 0.00950)]
    [InlineData(2, 16, 0.1092)]
    [InlineData(2, 64, 0.0298)]
    [InlineData(2, 256, 0.0078)]
    [InlineData(4, 16, 0.3419)]
    [InlineData(4, 256, 0.0971)]
    [InlineData(4, 4096, 0.0258)]
    public void The_grids_reach_the_published_error(int dimension, int entries, double published)
    {
        var grid = new VectorGrid(dimension, Grid(dimension, entries));
        Assert.Equal(entries, grid.Count);
        (double error, double standardError) = GaussianGridTrainer.Measure(grid, entries > 1000 ? 20_000 : 60_000, seed: 77);
        Assert.InRange(error, Math.Pow(4, -grid.BitsPerWeight), published + 4 * standardError);
    }

    [Fact]
    public void The_scalar_grid_is_Lloyds()
    {
        double[] levels = GaussianGrids.Grid1x16.ToArray().Select(v => (double)v).ToArray();
        Assert.InRange(GaussianGrid.MeanSquaredError(levels, 1), 0.00950101, 0.009510);
    }

    [Fact]
    public void Training_is_deterministic_and_converges()
    {
        GaussianGridResult first = GaussianGridTrainer.Train(2, 16, 40, 300, seed: 3),
            again = GaussianGridTrainer.Train(2, 16, 40, 300, seed: 3);
        Assert.Equal(first.Points.ToArray(), again.Points.ToArray());
        Assert.Equal(first.Report(), again.Report());
        Assert.NotEqual(first.Points.ToArray(), GaussianGridTrainer.Train(2, 16, 40, 300, seed: 4).Points.ToArray());
        Assert.InRange(first.MeanSquaredError, 0.0625, 0.1092 + 4 * first.StandardError);
        Assert.True(first.Convergence[^1] < first.Convergence[0]);
        Assert.Equal(40, first.Convergence.Count);
    }

    [Fact]
    public void The_source_text_holds_the_grid()
    {
        GaussianGridResult result = GaussianGridTrainer.Train(3, 5, 3, 20, seed: 1);
        string source = result.ToSource();
        Assert.Contains("public static ReadOnlySpan<float> Grid3x5 =>", source);
        Assert.DoesNotContain('\r', source);
        string body = source[(source.IndexOf('[', source.IndexOf("=>", StringComparison.Ordinal)) + 1)..source.LastIndexOf(']')];
        float[] numbers = body.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(n => float.Parse(n.TrimEnd('f'), System.Globalization.CultureInfo.InvariantCulture))
            .ToArray();
        Assert.Equal(15, numbers.Length);
        for (int i = 0; i < 15; i++)
        {
            Assert.Equal(result.Points[i], numbers[i], 5.1e-4f);
        }
    }
}
