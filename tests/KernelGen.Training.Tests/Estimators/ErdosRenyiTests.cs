namespace KernelGen.Training.Tests.Estimators;

public class ErdosRenyiTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(1)]
    public void Together_matrices_keep_what_was_asked_for(double density)
    {
        (int Rows, int Columns)[] shapes = [(24, 24), (56, 24), (24, 56), (2, 3), (400, 10)];
        double[] densities = ErdosRenyi.Densities(shapes, density);
        Assert.All(densities, one => Assert.InRange(one, 0, 1));
        Assert.Equal(
            density * shapes.Sum(shape => shape.Rows * shape.Columns),
            densities.Select((one, i) => one * shapes[i].Rows * shapes[i].Columns).Sum(),
            1e-9
        );
    }

    [Fact]
    public void Densities_are_in_proportion_to_rows_and_columns_over_their_product()
    {
        // (10 + 10)/100 = .2 and (40 + 10)/400 = .125; 500 weights of which 50 are kept: 50 = s·(.2·100 + .125·400) = 70 s
        double[] densities = ErdosRenyi.Densities([(10, 10), (40, 10)], 0.1);
        Assert.Equal(0.2 * 50 / 70, densities[0], 1e-12);
        Assert.Equal(0.125 * 50 / 70, densities[1], 1e-12);
    }

    [Fact]
    public void A_matrix_that_would_keep_more_than_all_is_dense_and_the_others_share_the_rest() =>
        Assert.Equal([1, (0.5 * 1002 - 2) / 1000], ErdosRenyi.Densities([(1, 2), (100, 10)], 0.5), new Near());

    private sealed class Near : IEqualityComparer<double>
    {
        public bool Equals(double a, double b) => Math.Abs(a - b) < 1e-12;

        public int GetHashCode(double value) => 0;
    }
}
