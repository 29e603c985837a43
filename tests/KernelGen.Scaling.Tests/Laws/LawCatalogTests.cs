namespace KernelGen.Scaling.Tests;

public class LawCatalogTests
{
    [Fact]
    public void Names_are_distinct_and_every_law_cites()
    {
        Assert.Equal(LawCatalog.All.Count, LawCatalog.All.Select(law => law.Name).Distinct().Count());
        Assert.All(LawCatalog.All, law => Assert.Contains("arXiv:", law.Citation));
    }

    [Fact]
    public void Published_sets_fit_the_table_and_second_hand_ones_are_no_defaults()
    {
        foreach (IScalingLaw law in LawCatalog.All)
        {
            Assert.All(law.Published, set => Assert.Equal(law.Parameters.Count, set.Values.Count));
            Assert.All(law.Parameters.Where(p => p.Default is not null), p =>
                Assert.True(p.Mark is SourceMark.Seen or SourceMark.Computed, law.Name)
            );
            bool known = law.Published.Any(set => set.Mark is SourceMark.Seen or SourceMark.Computed);
            Assert.All(law.Parameters.Where(p => !p.Held), p => Assert.Equal(known, p.Default is not null));
        }
    }

    [Fact]
    public void An_unknown_law_is_told_the_nearest()
    {
        var error = Assert.Throws<KeyNotFoundException>(() => LawCatalog.Create("chinchila", []));
        Assert.Contains("Did you mean chinchilla", error.Message);
    }

    [Theory]
    [InlineData("unified")]
    [InlineData("decoupled")]
    [InlineData("frantar-multiplier")]
    [InlineData("kaplan")]
    public void A_law_comes_back_from_the_names_of_its_parameters(string name)
    {
        RepresentationPoint int4 = new("int4", 4, 0.0115, "uniform"),
            sparse = new("2:4", 9, 0.05, "sparse");
        RepresentationPoint int2 = new("int2", 2, 0.1188, "uniform"),
            sparser = new("1:4", 5, 0.2, "sparse");
        IScalingLaw law = LawCatalog.Create(
            name,
            [new(1e9, 1e10, int4, sparse, method: "quest"), new(1e9, 1e10, int2, sparser, method: "quest")]
        );
        IScalingLaw again = LawCatalog.Restore(name, [.. law.Parameters.Select(p => p.Name)]);
        Assert.Equal(law.Parameters, again.Parameters);
        Assert.Throws<KeyNotFoundException>(() => LawCatalog.Restore(name, [.. law.Parameters.Select(p => p.Name).Skip(1)]));
    }

    [Fact]
    public void A_curve_seen_at_one_error_keeps_its_shape_and_parts_that_go_together_share_it()
    {
        RepresentationPoint int4 = new("int4", 4, 0.0115, "int"),
            int2 = new("int2", 2, 0.1188, "int"),
            e2m1 = new("e2m1", 4, 0.0127, "float");
        UnifiedLaw law = UnifiedLaw.For([new(1e9, 1e10, int4, int2), new(1e9, 1e10, int2), new(1e9, 1e10, e2m1, e2m1), new(1e9, 1e10)]);
        Assert.Equal(["activations:int", "float", "weights:int"], law.Groups);
        Assert.Equal(["C[activations:int]", "C[float]"], law.Parameters.Where(p => p.Held && p.Name[0] == 'C').Select(p => p.Name));
        // The shared curve counts for both parts.
        double[] p = [1, 1, 1, 1, 1, 1, 0.5, 1, 1, 0.3, 1, 1, 0.4, 2];
        Assert.Equal(Math.Pow(law.Capacity(e2m1, p), 2), law.Capacity(new LawInput(1, 1, e2m1, e2m1), p), 1e-12);
        Assert.Equal(Math.Tanh(0.3 * e2m1.EffectiveBits), law.Capacity(e2m1, p, 1), 1e-12);
        Assert.Equal(law.Groups, ((UnifiedLaw)LawCatalog.Restore("unified", [.. law.Parameters.Select(q => q.Name)])).Groups);
        // Where the parts part ways once, each has a curve of its own.
        Assert.Equal(["activations:float", "weights:float"], UnifiedLaw.For([new(1e9, 1e10, e2m1, e2m1), new(1e9, 1e10, e2m1)]).Groups);
    }
}
