using KernelGen.Kernels.Threads;
using Xunit;

namespace KernelGen.Tests.Execution;

public class WorkerPoolTests
{
    private static readonly Grain s_one = new(1);

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 1)]
    [InlineData(1000, 2, 1)]
    [InlineData(1000, 64, 1)]
    [InlineData(1000, 2, 7)]
    [InlineData(11, 2, 6)]
    [InlineData(5, 2, 1000)]
    public void Every_unit_is_done_once(int units, int threads, int smallest)
    {
        var counts = new int[units];
        for (int call = 0; call < 50; call++)
        {
            WorkerPool.Shared.Run(new Work(unit => Interlocked.Increment(ref counts[unit])), units, new(smallest), threads, default);
        }
        Assert.All(counts, count => Assert.Equal(50, count));
    }

    [Fact]
    public void Calls_at_the_same_time_and_calls_within_calls_are_all_done()
    {
        int done = 0;
        Thread[] callers =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(_ => new Thread(() =>
                {
                    for (int i = 0; i < 200; i++)
                    {
                        WorkerPool.Shared.Run(
                            new Work(_ => WorkerPool.Shared.Run(new Work(_ => Interlocked.Increment(ref done)), 3, s_one, 2, default)),
                            5,
                            s_one,
                            2,
                            default
                        );
                    }
                })),
        ];
        foreach (Thread caller in callers)
        {
            caller.Start();
        }
        Assert.All(callers, caller => Assert.True(caller.Join(TimeSpan.FromMinutes(1))));
        Assert.Equal(4 * 200 * 5 * 3, done);
    }

    [Fact]
    public void The_exception_of_a_unit_reaches_the_caller_and_the_pool_goes_on()
    {
        var work = new Work(unit => throw new NonFiniteWeightException("test", unit, 0, float.NaN));
        for (int i = 0; i < 20; i++)
        {
            Assert.Throws<NonFiniteWeightException>(() => WorkerPool.Shared.Run(work, 8, s_one, 2, default));
        }
        Every_unit_is_done_once(100, 2, 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Cancelling_ends_it_between_stretches(int threads)
    {
        using var source = new CancellationTokenSource();
        int done = 0;
        var work = new Work(_ =>
        {
            Interlocked.Increment(ref done);
            source.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => WorkerPool.Shared.Run(work, 1000, new(1, 3), threads, source.Token));
        Assert.InRange(done, 1, 3 * threads);
    }

    [Fact]
    public void A_thread_that_is_held_up_keeps_only_what_it_has_taken()
    {
        int caller = Environment.CurrentManagedThreadId,
            elsewhere = 0;
        using var begun = new ManualResetEventSlim();
        using var helped = new ManualResetEventSlim();
        var pool = new WorkerPool(1);
        // A thread takes longer to start than this call: it is taken back, and the next one finds the worker all the same.
        pool.Run(new Work(_ => { }), 2, s_one, 2, default);
        pool.Run(
            new Work(_ =>
            {
                if (Environment.CurrentManagedThreadId != caller)
                {
                    // not before the caller has taken its first units, or there would be none left for it
                    Assert.True(begun.Wait(TimeSpan.FromMinutes(1)));
                    elsewhere++;
                    helped.Set();
                }
                else
                {
                    // the caller waits in its first unit until a helper has come, which then does all but what it has taken
                    begun.Set();
                    Assert.True(helped.Wait(TimeSpan.FromMinutes(1)));
                    Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref elsewhere) >= 97, TimeSpan.FromMinutes(1)));
                }
            }),
            100,
            new(1, 3),
            2,
            default
        );
        Assert.Equal(97, elsewhere);
    }

    [Fact]
    public void A_call_while_another_one_runs_is_done_by_its_own_thread()
    {
        var pool = new WorkerPool(1);
        int caller = Environment.CurrentManagedThreadId,
            done = 0;
        using var kept = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var first = new Thread(() =>
            pool.Run(
                new Work(_ =>
                {
                    kept.Set();
                    Assert.True(go.Wait(TimeSpan.FromMinutes(1)));
                }),
                2,
                s_one,
                2,
                default
            )
        );
        first.Start();
        Assert.True(kept.Wait(TimeSpan.FromMinutes(1)));
        pool.Run(
            new Work(_ =>
            {
                Assert.Equal(caller, Environment.CurrentManagedThreadId);
                done++;
            }),
            50,
            s_one,
            2,
            default
        );
        Assert.Equal(50, done);
        go.Set();
        Assert.True(first.Join(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void A_worker_that_sleeps_is_woken()
    {
        for (int i = 0; i < 5; i++)
        {
            Thread.Sleep(50);
            Every_unit_is_done_once(20, 2, 1);
        }
    }

    private sealed class Work(Action<int> body) : StretchWork
    {
        public override void Run(int first, int count)
        {
            for (int unit = first; unit < first + count; unit++)
            {
                body(unit);
            }
        }
    }
}
