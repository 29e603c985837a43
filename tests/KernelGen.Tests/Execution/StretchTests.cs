using KernelGen.Kernels.Threads;
using Xunit;

namespace KernelGen.Tests.Execution;

/// <summary>Owners take from the front and others from the back, each unit once.</summary>
public class StretchTests
{
    [Theory]
    [InlineData(1, 1, int.MaxValue)]
    [InlineData(16, 1, int.MaxValue)]
    [InlineData(33, 4, int.MaxValue)]
    [InlineData(1000, 3, 40)]
    [InlineData(int.MaxValue, 1 << 20, int.MaxValue)]
    public void Takes_cover_all_units_in_order(int units, int smallest, int largest)
    {
        var grain = new Grain(smallest, largest);
        long stretch = Stretch.Of(0, units);
        int next = 0,
            before = largest;
        while (Stretch.TakeFront(ref stretch, grain, out int first) is int count and > 0)
        {
            Assert.Equal(next, first);
            Assert.InRange(count, first + count == units ? 1 : smallest, before);
            (next, before) = (first + count, count);
        }
        Assert.Equal(units, next);
    }

    [Fact]
    public void Most_is_taken_at_once_and_others_take_half_of_the_rest()
    {
        long stretch = Stretch.Of(16, 32);
        var grain = new Grain(1);
        Assert.Equal((12, 16), (Stretch.TakeFront(ref stretch, grain, out int first), first));
        Assert.Equal((2, 30), (Stretch.TakeBack(ref stretch, grain, out first), first));
        Assert.Equal((2, 28), (Stretch.TakeFront(ref stretch, grain, out first), first));
        Assert.Equal(0, Stretch.TakeBack(ref stretch, grain, out _));
    }

    [Fact]
    public void Two_threads_take_every_unit_once()
    {
        const int units = 200_000;
        long stretch = Stretch.Of(0, units);
        var grain = new Grain(1, 3);
        var taken = new int[units];
        var other = new Thread(() =>
        {
            while (Stretch.TakeBack(ref stretch, grain, out int first) is int count and > 0)
            {
                Count(first, count);
            }
        });
        other.Start();
        while (Stretch.TakeFront(ref stretch, grain, out int first) is int count and > 0)
        {
            Count(first, count);
        }
        other.Join();
        Assert.All(taken, count => Assert.Equal(1, count));

        void Count(int first, int count)
        {
            for (int unit = first; unit < first + count; unit++)
            {
                Interlocked.Increment(ref taken[unit]);
            }
        }
    }
}
