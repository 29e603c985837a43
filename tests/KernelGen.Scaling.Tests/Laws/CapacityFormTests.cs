namespace KernelGen.Scaling.Tests;

public class CapacityFormTests
{
    [Fact]
    public void Tanh_is_the_formula() =>
        Assert.Equal(
            0.95 * Math.Pow(Math.Tanh(0.4 * 3), 1.5),
            CapacityForm.Named("tanh").Capacity(Math.Pow(4, -3), [0.95, 0.4, 1.5]),
            1e-12
        );

    [Fact]
    public void Ends_are_where_the_definitions_put_them()
    {
        Assert.Equal(0.9, CapacityForm.Named("tanh").Capacity(0, [0.9, 0.4, 1.5]), 1e-12);
        Assert.Equal(0, CapacityForm.Named("tanh").Capacity(1, [0.9, 0.4, 1.5]), 1e-12);
        Assert.Equal(1, CapacityForm.Named("logistic").Capacity(0, [1, 3]), 1e-12);
        Assert.Equal(0.25, CapacityForm.Named("logistic").Capacity(1, [1, 3]), 1e-9);
        Assert.Equal(1, CapacityForm.Named("logistic(1,0)").Capacity(0, [1, 3]), 1e-12);
        Assert.Equal(0, CapacityForm.Named("logistic(1,0)").Capacity(1, [1, 3]), 1e-9);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void An_mse_outside_its_range_is_an_error(double gmse) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CapacityForm.All[0].Capacity(gmse, [1, 1, 1]));

    [Fact]
    public void Unified_multiplies_over_parts_and_dense_costs_nothing()
    {
        RepresentationPoint int4 = new("int4", 4, 0.0115, "uniform"),
            sparse = new("2:4", 9, 0.05, "sparse");
        LawInput both = new(1e9, 1e10, int4, sparse),
            one = new(1e9, 1e10, int4),
            other = new(1e9, 1e10, null, sparse),
            none = new(1e9, 1e10);
        UnifiedLaw law = UnifiedLaw.For([both], new LawOptions { Grouping = CapacityGrouping.Family });
        double[] p = [400, 400, 0.3, 0.3, 1.7, 1, 0.3, 0.5, 1, 0.4, 1.2];
        Assert.Equal(["F[sparse]", "F[uniform]"], law.Parameters.Select(x => x.Name).Where(name => name[0] == 'F'));
        Assert.Equal(law.Capacity(one, p) * law.Capacity(other, p), law.Capacity(both, p), 1e-12);
        Assert.Equal(new ChinchillaLaw().Predict(none, p.AsSpan(0, 5), []), law.Predict(none, p, []), 1e-12);
        // Effective parameters: the compressed model of N is the dense one of N·ρ.
        Assert.Equal(law.Predict(none.At(1e9 * law.Capacity(both, p), 1e10), p, []), law.Predict(both, p, []), 1e-12);
    }

    [Fact]
    public void A_family_without_a_curve_is_named()
    {
        UnifiedLaw law = UnifiedLaw.For([new(1e9, 1e10, new("int4", 4, 0.01, "uniform"))]);
        var error = Assert.Throws<KeyNotFoundException>(() =>
            law.Predict(new(1e9, 1e10, new("e2m1", 4, 0.01, "float")), new double[8], [])
        );
        Assert.Contains("float", error.Message);
        Assert.Contains("weights:uniform", error.Message);
    }
}
