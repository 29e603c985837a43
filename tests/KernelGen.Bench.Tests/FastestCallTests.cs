namespace KernelGen.Bench.Tests;

/// <summary>The third fastest call, by a clock of our own.</summary>
public class FastestCallTests
{
    [Fact]
    public void A_clock_that_stands_still_makes_nothing_faster()
    {
        // In seconds; the clock stands from within the third call to within the sixth.
        var clock = new Clock();
        double[] calls = [8, 7, 2, 0, 0, 3, 7, 9, 7];
        int call = 0;
        Assert.Equal(7, FastestCall.Seconds(() => clock.Advance(call < calls.Length ? calls[call++] : 20), 60, clock: clock));
    }

    [Fact]
    public void A_few_calls_are_made_even_when_the_time_is_over()
    {
        var clock = new Clock();
        int calls = 0;
        Assert.Equal(
            5,
            FastestCall.Seconds(
                () =>
                {
                    clock.Advance(5);
                    calls++;
                },
                0.1,
                clock: clock
            )
        );
        Assert.Equal(5, calls);
    }

    [Fact]
    public void Cancelling_stops_it() =>
        Assert.Throws<OperationCanceledException>(() => FastestCall.Seconds(() => { }, 1, new CancellationToken(canceled: true)));

    private sealed class Clock : TimeProvider
    {
        private long _milliseconds;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _milliseconds;

        public void Advance(double seconds) => _milliseconds += (long)(1000 * seconds);
    }
}
