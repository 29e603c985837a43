using Xunit;

namespace KernelGen.Tests.Execution;

/// <summary>Parts cover all units once, and become smaller down to what is worth taking.</summary>
public class GuidedPartsTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(32, 2, 4)]
    [InlineData(33, 2, 4)]
    [InlineData(448, 2, 1)]
    [InlineData(1000, 16, 3)]
    [InlineData(5, 64, 1)]
    [InlineData(int.MaxValue, 3, 1000)]
    public void Parts_cover_all_units_in_order(int units, int round, int smallest)
    {
        var parts = new GuidedParts(units, round, smallest);
        int next = 0, last = int.MaxValue;
        for (int part = 0; part < parts.Count; part++)
        {
            (int start, int end) = parts[part];
            Assert.Equal(next, start);
            Assert.InRange(end - start, part == parts.Count - 1 ? 1 : Math.Min(smallest, units), last);
            (next, last) = (end, end - start);
        }
        Assert.Equal(units, next);
    }

    [Fact]
    public void Two_threads_take_most_of_the_work_at_once()
    {
        var parts = new GuidedParts(32, 2, 4);
        Assert.Equal([(0, 12), (12, 24), (24, 28), (28, 32)], Enumerable.Range(0, parts.Count).Select(part => parts[part]));
    }
}
