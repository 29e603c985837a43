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
            Assert.All(law.Parameters.Where(p => p.Default is not null), p => Assert.True(p.Mark is SourceMark.Seen or SourceMark.Computed, law.Name));
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
        RepresentationPoint int4 = new("int4", 4, 0.0115, "uniform"), sparse = new("2:4", 9, 0.05, "sparse");
        IScalingLaw law = LawCatalog.Create(name, [new(1e9, 1e10, int4, sparse, method: "quest")]);
        IScalingLaw again = LawCatalog.Restore(name, [.. law.Parameters.Select(p => p.Name)]);
        Assert.Equal(law.Parameters, again.Parameters);
        Assert.Throws<KeyNotFoundException>(() => LawCatalog.Restore(name, [.. law.Parameters.Select(p => p.Name).Skip(1)]));
    }
}
