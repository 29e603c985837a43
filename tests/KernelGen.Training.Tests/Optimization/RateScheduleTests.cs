namespace KernelGen.Training.Tests;

public sealed class RateScheduleTests
{
    private const long Steps = 200;

    private static double[] Rates(string schedule) =>
        [.. Enumerable.Range(0, (int)Steps).Select(step => RateSchedule.Parse(schedule).Rate(0.5, step, Steps))];

    [Theory]
    [InlineData("cosine")]
    [InlineData("constant")]
    [InlineData("wsd")]
    public void All_rise_in_a_line_over_a_tenth(string schedule)
    {
        double[] rates = Rates(schedule);
        for (int step = 0; step < 20; step++)
        {
            Assert.Equal(0.5 * (step + 1) / 20, rates[step], 1e-12);
        }
        Assert.Equal(1, RateSchedule.Parse(schedule).Rate(1, 0, 3));
    }

    [Fact]
    public void Each_goes_as_its_formula()
    {
        double[] cosine = Rates("cosine"),
            constant = Rates("constant"),
            wsd = Rates("wsd:cooldown=0.3");
        for (int step = 20; step < Steps; step++)
        {
            Assert.Equal(0.25 * (1 + Math.Cos(Math.PI * (step - 20) / 180)), cosine[step], 1e-12);
            Assert.Equal(0.5, constant[step]);
            Assert.Equal(step < 140 ? 0.5 : 0.5 * (1 - Math.Sqrt((step - 140) / 60.0)), wsd[step], 1e-12);
        }
        Assert.Equal(0, RateSchedule.Parse("cosine").Rate(1, Steps, Steps), 1e-12);
        Assert.Equal(0, RateSchedule.Parse("wsd").Rate(1, Steps, Steps), 1e-12);
    }

    [Theory]
    [InlineData("wsd", "wsd:cooldown=0.2")]
    [InlineData("WSD:0.25", "wsd:cooldown=0.25")]
    [InlineData("wsd:cooldown=0.9", "wsd:cooldown=0.9")]
    [InlineData("Constant", "constant")]
    [InlineData("cosine", "cosine")]
    public void Texts_have_a_canonical_form(string text, string name) => Assert.Equal(name, RateSchedule.Parse(text).Name);

    [Theory]
    [InlineData("cosin", "'cosin' is none. Did you mean cosine")]
    [InlineData("cosine:0.2", "takes no numbers, not '0.2'")]
    [InlineData("wsd:decay=0.2", "takes cooldown, not 'decay=0.2'")]
    [InlineData("wsd:cooldown=0", "cooldown is '0'; it must be a share of the steps above 0, at most 0.9")]
    [InlineData("wsd:cooldown=0.95", "cooldown is '0.95'")]
    [InlineData("wsd:x", "cooldown is 'x'")]
    public void Wrong_texts_are_named(string text, string words) =>
        Assert.Contains(words, Assert.Throws<ArgumentException>(() => RateSchedule.Parse(text)).Message, StringComparison.Ordinal);
}
