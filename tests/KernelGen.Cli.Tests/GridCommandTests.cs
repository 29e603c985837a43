using System.Globalization;
using System.Text.RegularExpressions;

namespace KernelGen.Cli.Tests;

/// <summary>Training a codebook from the command line.</summary>
public sealed class GridCommandTests
{
    [Fact]
    public void A_grid_in_one_dimension_is_Lloyd_and_Max_s()
    {
        Cli first = Cli.Run("grid", "--dimension", "1", "--entries", "4", "--iterations", "60", "--samples", "4000").Succeeds();
        float[] points =
        [
            .. Regex
                .Matches(first.Out, @"(-?\d*\.\d+)f")
                .Select(match => float.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
                .Order(),
        ];
        Assert.Equal(4, points.Length);
        // Max (1960): ±.4528, ±1.5104
        float[] expected = [-1.5104f, -0.4528f, 0.4528f, 1.5104f];
        Assert.All(points.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 0.02f));
        Assert.NotEmpty(first.Error);
        Assert.Equal(first.Out, Cli.Run("grid", "--dimension", "1", "--entries", "4", "--iterations", "60", "--samples", "4000").Out);
    }

    [Fact]
    public void Shapes_that_cannot_be_searched_are_usage_errors()
    {
        Cli.Run("grid", "--dimension", "9").Fails(2, "9", "8");
        Cli.Run("grid", "--entries", "1").Fails(2, "1", "2");
    }
}
