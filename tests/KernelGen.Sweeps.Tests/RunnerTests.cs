using KernelGen.Tests;
using KernelGen.Training;

namespace KernelGen.Sweeps.Tests;

public sealed class RunnerTests
{
    [Fact]
    public void All_runs_are_trained_several_at_once()
    {
        using var folder = new ScratchFolder();
        using SweepStore store = SweepStore.Open(folder["s.db"], create: true);
        using var together = new Barrier(2);
        // Each pair meets inside the trainer: that takes two of them at once.
        SweepResult result = SweepRunner.Run(
            FakeRuns.Some(6),
            store,
            (run, threads, _, cancellation) =>
            {
                Assert.Equal(1, threads);
                Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(20), cancellation));
                return FakeRuns.Outcome(run);
            },
            new SweepOptions { Threads = 2 }
        );
        Assert.Equal((6, 0, 0, 0, 6), (result.Done, result.Failed.Count, result.Elsewhere, result.Waiting, result.Trained));
        Assert.All(store.Runs(), run =>
            Assert.Equal((RunState.Done, FakeRuns.Outcome(run.Run), 1), (run.State, run.Outcome, run.Attempts))
        );
        Assert.Equal(
            0,
            SweepRunner.Run(FakeRuns.Some(6), store, (_, _, _, _) => throw new InvalidOperationException(), new SweepOptions()).Trained
        );
    }

    [Fact]
    public void A_large_run_has_all_threads_and_no_company()
    {
        using var folder = new ScratchFolder();
        using SweepStore store = SweepStore.Open(folder["s.db"], create: true);
        int active = 0;
        SweepRunner.Run(
            FakeRuns.Some(9),
            store,
            (run, threads, _, _) =>
            {
                int now = Interlocked.Increment(ref active);
                Thread.Sleep(5);
                int after = Volatile.Read(ref active);
                Interlocked.Decrement(ref active);
                bool large = run.Key is "key4" or "key5";
                return (large ? (threads, now, after) == (3, 1, 1) : threads == 1 && now <= 3) ? "good" : "bad";
            },
            new SweepOptions { Threads = 3, TakesAllThreads = run => run.Key is "key4" or "key5" }
        );
        Assert.All(store.Runs(), run => Assert.Equal(("good", ""), (run.Outcome, run.Error)));
    }

    [Fact]
    public void A_failure_is_stored_and_the_others_go_on()
    {
        using var folder = new ScratchFolder();
        using SweepStore store = SweepStore.Open(folder["s.db"], create: true);
        SweepResult result = SweepRunner.Run(
            FakeRuns.Some(5),
            store,
            (run, _, _, _) => run.Key == "key2" ? throw new ArithmeticException("the loss is NaN at step 7") : "{}",
            new SweepOptions { Threads = 2 }
        );
        Assert.Equal(4, result.Done);
        Assert.Equal("the loss is NaN at step 7", Assert.Single(result.Failed).Error);
    }

    [Fact]
    public void Cancelling_gives_back_what_was_begun()
    {
        using var folder = new ScratchFolder();
        using SweepStore store = SweepStore.Open(folder["s.db"], create: true);
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            SweepRunner.Run(
                FakeRuns.Some(10),
                store,
                (run, _, _, cancellation) =>
                {
                    if (run.Key == "key4")
                    {
                        cancel.Cancel();
                    }
                    cancellation.ThrowIfCancellationRequested();
                    return "{}";
                },
                new SweepOptions { Threads = 1, Cancellation = cancel.Token }
            )
        );
        Assert.Equal(4, store.Runs().Count(run => run.State == RunState.Done));
        Assert.Equal(6, store.Runs().Count(run => run.State == RunState.Waiting));
    }

    [Fact]
    public void A_limit_of_time_ends_the_sweep_with_everything_stored()
    {
        using var folder = new ScratchFolder();
        using SweepStore store = SweepStore.Open(folder["s.db"], create: true);
        SweepResult result = SweepRunner.Run(
            FakeRuns.Some(1000),
            store,
            FakeRuns.Trainer(TimeSpan.FromMilliseconds(50)),
            new SweepOptions { Threads = 2, Limit = TimeSpan.FromSeconds(0.5) }
        );
        Assert.InRange(result.Done, 1, 40);
        Assert.Equal(1000 - result.Done, result.Waiting);
        Assert.DoesNotContain(store.Runs(), run => run.State == RunState.Claimed);
    }

    [Fact]
    public void Progress_counts_expected_time_and_earlier_sessions()
    {
        using var folder = new ScratchFolder();
        using SweepStore store = SweepStore.Open(folder["s.db"], create: true);
        SweepRun[] runs = [FakeRuns.One(0), FakeRuns.One(1), FakeRuns.One(2, work: 8)];
        store.Add(runs);
        store.Complete(store.Claim()!.Key, 3, "{}");
        List<SweepProgress> heard = [];
        SweepRunner.Run(
            runs,
            store,
            (_, _, progress, _) =>
            {
                progress(0.5);
                return "{}";
            },
            new SweepOptions { Threads = 1, Progress = heard.Add }
        );
        // 3 s for a work of 1 are behind; as much again and 8^0.7 times as much are left.
        double left = 3 * (1 + Math.Pow(8, 0.7));
        Assert.Equal((1, 3), (heard[0].Done, heard[0].Total));
        Assert.Equal(3 / (3 + left), heard[0].WorkDone, 1e-9);
        Assert.Equal(left, heard[0].SecondsLeft!.Value, 1e-9);
        Assert.Equal((3, 1.0, 0.0), (heard[^1].Done, heard[^1].WorkDone, heard[^1].SecondsLeft!.Value));
        Assert.Equal("key2", heard[^1].Latest!.Run.Key);
        Assert.True(heard.Zip(heard.Skip(1)).All(pair => pair.First.Done <= pair.Second.Done));
    }

    [Fact]
    public void Expected_times_are_learned_by_kind_and_size()
    {
        static StoredRun Done(string kind, double work, double seconds) =>
            new(new SweepRun($"{kind}{work}", "", kind, work, ""), RunState.Done, "", 1, seconds, 0, "", "");
        StoredRun[] done =
        [
            .. from work in new[] { 1.0, 10, 100 } from kind in new[] { 1, 2 } select Done($"{kind}", work, kind * 5 * Math.Pow(work, 0.6)),
        ];
        var cost = new CostModel(done.Append(Done("3", 10, 40) with { State = RunState.Failed }));
        Assert.InRange(cost.Exponent, 0.6, 0.605);
        Assert.Equal(10 * Math.Pow(1000, 0.6), cost.Seconds(done[1].Run with { Work = 1000 }), 0.03 * 10 * Math.Pow(1000, 0.6));
        Assert.Equal(Math.Sqrt(2) * 5, cost.Seconds(new SweepRun("new", "", "never seen", 1, "")), 0.2);
        Assert.True(new CostModel([]).IsBlank);
    }
}
