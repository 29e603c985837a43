using Xunit;

namespace KernelGen.Tests.Execution;

public class WorkerPoolTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(1000, 2)]
    [InlineData(1000, 64)]
    public void Every_part_is_done_once(int parts, int threads)
    {
        var counts = new int[parts];
        for (int call = 0; call < 50; call++)
        {
            WorkerPool.Shared.Run(new Work(part => Interlocked.Increment(ref counts[part])), parts, threads, default);
        }
        Assert.All(counts, count => Assert.Equal(50, count));
    }

    [Fact]
    public void Calls_at_the_same_time_and_calls_within_calls_are_all_done()
    {
        int done = 0;
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                WorkerPool.Shared.Run(
                    new Work(_ => WorkerPool.Shared.Run(new Work(_ => Interlocked.Increment(ref done)), 3, 2, default)), 5, 2, default);
            }
        }))];
        foreach (Thread caller in callers)
        {
            caller.Start();
        }
        Assert.All(callers, caller => Assert.True(caller.Join(TimeSpan.FromMinutes(1))));
        Assert.Equal(4 * 200 * 5 * 3, done);
    }

    [Fact]
    public void The_exception_of_a_part_reaches_the_caller_and_the_pool_goes_on()
    {
        var work = new Work(part => throw new NonFiniteWeightException("test", part, 0, float.NaN));
        for (int i = 0; i < 20; i++)
        {
            Assert.Throws<NonFiniteWeightException>(() => WorkerPool.Shared.Run(work, 8, 2, default));
        }
        Every_part_is_done_once(100, 2);
    }

    [Fact]
    public void Cancelling_ends_it_between_parts()
    {
        using var source = new CancellationTokenSource();
        int done = 0;
        var work = new Work(_ =>
        {
            Interlocked.Increment(ref done);
            source.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => WorkerPool.Shared.Run(work, 1000, 2, source.Token));
        Assert.InRange(done, 1, 2);
    }

    [Fact]
    public void A_worker_that_sleeps_is_woken()
    {
        for (int i = 0; i < 5; i++)
        {
            Thread.Sleep(50);
            Every_part_is_done_once(20, 2);
        }
    }

    private sealed class Work(Action<int> body) : PartedWork
    {
        public override void Run(int part) => body(part);
    }
}
