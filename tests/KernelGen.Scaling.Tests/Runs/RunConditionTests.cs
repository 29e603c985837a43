namespace KernelGen.Scaling.Tests;

public class RunConditionTests
{
    private static readonly Dictionary<string, string> Row = new()
    {
        ["params"] = "2e8",
        ["weights"] = "int4",
        ["share"] = "0.50",
    };

    [Theory]
    [InlineData("params<3e8", true)]
    [InlineData("params<2e8", false)]
    [InlineData("params<=2e8", true)]
    [InlineData("params>2e8", false)]
    [InlineData("params >= 200000000", true)]
    [InlineData("params=200000000", true)]
    [InlineData("share=0.5", true)]
    [InlineData("share!=.5", false)]
    [InlineData("weights=int2|int4", true)]
    [InlineData("weights!=int2|int4", false)]
    [InlineData("weights!=e2m1, params>1e8, params<1e9", true)]
    public void Rows_are_kept_by_all_comparisons(string text, bool kept) =>
        Assert.Equal(kept, RunCondition.Parse(text).All(condition => condition.Meets(Row)));

    [Theory]
    [InlineData("params<many")]
    [InlineData("params")]
    [InlineData("<3")]
    public void What_is_no_condition_is_an_error(string text) => Assert.Throws<FormatException>(() => RunCondition.Parse(text));

    [Fact]
    public void An_order_of_words_is_an_error() => Assert.Throws<FormatException>(() => RunCondition.Parse("weights<3")[0].Meets(Row));
}
