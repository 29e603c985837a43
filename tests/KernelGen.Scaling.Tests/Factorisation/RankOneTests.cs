using System.Globalization;
using MathNet.Numerics.Distributions;
using Xunit.Abstractions;

namespace KernelGen.Scaling.Tests;

public class RankOneTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(PublishedMatrices.Sparsity, 0, 0)]
    [InlineData(PublishedMatrices.Bits, 4, 4)]
    [InlineData(PublishedMatrices.BitsBySparsity, 4, 0)]
    public void The_uncompressed_row_and_column_are_found(string text, int row, int column)
    {
        // 8 bits lose nothing either at the printed digits, so there the first cell of 1.00 is as good a pivot.
        RankOneTest test = RankOneTest.Of(PublishedMatrices.Read(text));
        Assert.Equal(1.00, test.Matrix[test.PivotRow, test.PivotColumn]);
        Assert.Equal(column, test.PivotColumn);
        Assert.True(row == test.PivotRow || text == PublishedMatrices.BitsBySparsity);
    }

    /// <summary>Errors by hand: measured minus product, at the two digits that are printed.</summary>
    [Theory]
    [InlineData(PublishedMatrices.Sparsity, 0, 0, "0 0 0 0 0|0 .00 .00 .00 .01|0 -.00 .02 .01 .03|0 .00 .02 .01 .03|0 .00 .03 .03 .03")]
    [InlineData(PublishedMatrices.Bits, 4, 4, ".05 .05 .03 .01 0|.06 .08 .06 .04 0|.03 .06 .06 .03 0|.01 .03 .04 .03 0|0 0 0 0 0")]
    [InlineData(
        PublishedMatrices.BitsBySparsity,
        4,
        0,
        "0 .04 .10 .09 .09 .04 .05 .06 .04 .00|0 -.03 -.04 -.03 -.01 .00 .01 .03 .03 .04|0 .00 .01 .01 .01 .01 .02 .01 .01 .01|0 0 0 0 0 "
            + "-.01 0 0 0 0|0 0 0 0 0 0 0 0 0 0"
    )]
    public void Errors_to_the_printed_digit(string text, int row, int column, string errors)
    {
        RankOneTest test = RankOneTest.Of(PublishedMatrices.Read(text), row, column);
        double[][] expected =
        [
            .. errors.Split('|').Select(line => line.Split(' ').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray()),
        ];
        for (int i = 0; i < expected.Length; i++)
        {
            output.WriteLine(
                string.Join(
                    " ",
                    Enumerable.Range(0, expected[i].Length).Select(j => test.Error(i, j).ToString("F4", CultureInfo.InvariantCulture))
                )
            );
            for (int j = 0; j < expected[i].Length; j++)
            {
                Assert.Equal(expected[i][j], test.Error(i, j), 0.005 + 1e-9);
            }
        }
        output.WriteLine(
            FormattableString.Invariant(
                $"max {test.MaxError:F3} at {test.WorstRow},{test.WorstColumn}; rms {test.RmsError:F4}; rank-1 share {test.RankOneShare:F4}"
            )
        );
        Assert.True(test.RankOneShare > 0.98);
    }

    [Fact]
    public void Rows_have_mean_errors_of_their_own()
    {
        RankOneTest test = RankOneTest.Of(PublishedMatrices.Read(PublishedMatrices.BitsBySparsity), 4, 0);
        // 2 bits have no level of zero to spare: .51 over nine cells; 16 bits are the product
        Assert.Equal(.51 / 9, test.MeanErrorOf(0), .005);
        Assert.Equal(0, test.MeanErrorOf(4));
        Assert.Equal(test.MeanError, Enumerable.Range(0, 4).Average(test.MeanErrorOf), 1e-12);
    }

    [Fact]
    public void An_exact_product_has_no_error()
    {
        RankOneTest test = RankOneTest.Of(PublishedMatrices.Read("x,a,b,c\n1,1,.5,.25\n2,.8,.4,.2\n"));
        Assert.Equal(0, test.MaxError, 1e-12);
        Assert.Equal(1, test.RankOneShare, 1e-12);
        Assert.Equal(0, test.RankOneMeanError, 1e-12);
    }

    [Fact]
    public void The_best_product_of_a_diagonal_is_its_largest_cell()
    {
        RankOneTest test = RankOneTest.Of(PublishedMatrices.Read("x,a,b\n1,1,0\n2,0,.5\n"));
        Assert.Equal(1 / 1.25, test.RankOneShare, 1e-12);
        Assert.Equal(.5 / 4, test.RankOneMeanError, 1e-12);
    }

    [Fact]
    public void Magnitude_sparsity_on_the_tanh_curve()
    {
        CapacityMatrix matrix = PublishedMatrices.Read(PublishedMatrices.BitsBySparsity);
        // Zeroing the share s of smallest magnitude loses s − 2·t·φ(t), t the quantile of |x| at s.
        double Gmse(double s)
        {
            double t = Normal.InvCDF(0, 1, 0.5 * (1 + s));
            return s - 2 * t * Normal.PDF(0, 1, t);
        }
        Assert.Equal(0.071325918, Gmse(0.5), 1e-8);
        (double, double)[] points = [.. Enumerable.Range(1, 9).Select(j => (Gmse(0.1 * j), matrix[4, j]))];
        foreach (CapacityForm form in CapacityForm.All)
        {
            CapacityCurve curve = CapacityCurve.Fit(form, points);
            output.WriteLine(
                FormattableString.Invariant($"{form.Name}: ")
                    + string.Join(", ", curve.Parameters.Select(p => FormattableString.Invariant($"{p.Name} {p.Value:F4}")))
                    + FormattableString.Invariant($"; rms {curve.Rms:F4}, max {curve.MaxAbsResidual:F4}")
            );
        }
        CapacityCurve tanh = CapacityCurve.Fit(CapacityForm.Named("tanh"), points, bootstrap: 50);
        Assert.Equal(0.283, tanh.Parameters[1].Value, 0.0005);
        Assert.Equal(0.484, tanh.Parameters[2].Value, 0.0005);
        Assert.True(tanh.MaxAbsResidual < 0.011);
        Assert.True(tanh.Parameters[1].Low < 0.283 && tanh.Parameters[1].High > 0.283);
    }

    [Theory]
    [InlineData("", "a matrix has a header")]
    [InlineData("x,a\n1,.5\n2,nan\n", "matrix.csv:3, column 'a': 'nan' is no capacity")]
    [InlineData("x,a,a\n1,.5,.5\n", "matrix.csv:1, column 'a': the header has this column twice")]
    [InlineData("x,a,b\n1,.5\n", "matrix.csv:2: the row has 2 cells")]
    public void Bad_matrices_are_named_by_line_and_column(string text, string message) =>
        Assert.Contains(message, Assert.Throws<RunTableException>(() => PublishedMatrices.Read(text)).Message);

    [Fact]
    public void A_format_at_shannons_bound_is_optimal_and_no_format_is_better()
    {
        double Capacity(double gmse) => CapacityForm.Named("tanh").Capacity(gmse, [1, 0.43, 1.6]);
        FormatOptimality perfect = FormatOptimality.Of(new("perfect", 4, Math.Pow(2, -8), "uniform"), Capacity);
        Assert.Equal(1, perfect.Optimality, 1e-12);
        Assert.Equal(0, perfect.GapBits, 1e-12);
        FormatOptimality int4 = FormatOptimality.Of(new("int4", 4, 0.011542884, "uniform"), Capacity);
        Assert.Equal(4 - 3.21843, int4.GapBits, 1e-4);
        Assert.InRange(int4.Optimality, 0.8, 0.95);
        // Against the best scalar code of 16 levels (Lloyd-Max) it is nearly perfect.
        Assert.InRange(FormatOptimality.Of(new("int4", 4, 0.011542884, "uniform"), Capacity, _ => 0.009497).Optimality, 0.97, 1);
    }
}
