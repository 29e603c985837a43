using System.Diagnostics;
using KernelGen.Tests;
using KernelGen.Training;
using Microsoft.Data.Sqlite;

namespace KernelGen.Sweeps.Tests;

public sealed class StoreTests
{
    private static readonly SweepOwner Elsewhere = new("another machine", 1, 2);

    [Fact]
    public void Each_run_is_claimed_once_and_in_order()
    {
        using var folder = new ScratchFolder();
        using SweepStore one = SweepStore.Open(folder["s.db"], create: true),
            other = SweepStore.Open(folder["s.db"], owner: Elsewhere);
        one.Add(FakeRuns.Some(3));
        other.Add([.. FakeRuns.Some(3).Reverse()]);
        Assert.Equal("key0", one.Claim()!.Key);
        Assert.Equal("key2", other.Claim()!.Key);
        Assert.Equal("key1", other.Claim()!.Key);
        Assert.Null(one.Claim());
        Assert.Null(other.Claim());
        Assert.True(one.Complete("key0", 1.5, "{}"));
        Assert.False(one.Complete("key0", 1.5, "{}"));
        Assert.False(one.Complete("key1", 1, "{}")); // the other has it
        other.Release("key1");
        Assert.Equal("key1", one.Claim()!.Key);
        Assert.Equal([RunState.Done, RunState.Claimed, RunState.Claimed], one.Runs().Select(run => run.State));
        Assert.Equal(2, one.Runs()[1].Attempts);
    }

    [Fact]
    public void Only_runs_that_were_added_by_this_process_are_claimed()
    {
        using var folder = new ScratchFolder();
        using SweepStore one = SweepStore.Open(folder["s.db"], create: true),
            other = SweepStore.Open(folder["s.db"], owner: Elsewhere);
        one.Add(FakeRuns.Some(2));
        other.Add(FakeRuns.Some(1, first: 5));
        Assert.Equal("key5", other.Claim()!.Key);
        Assert.Null(other.Claim());
        Assert.Equal(3, one.Runs().Count);
        Assert.Equal(2, one.Added().Count);
    }

    [Fact]
    public void A_claim_ends_with_its_lease_or_its_process()
    {
        using var folder = new ScratchFolder();
        var clock = new Clock();
        SweepOwner dead = SweepOwner.Current with { Started = SweepOwner.Current.Started - 1 };
        using SweepStore one = SweepStore.Open(folder["s.db"], create: true, clock: clock);
        using SweepStore far = SweepStore.Open(folder["s.db"], owner: Elsewhere, clock: clock),
            gone = SweepStore.Open(folder["s.db"], owner: dead, clock: clock);
        one.Add(FakeRuns.Some(1));
        far.Add(FakeRuns.Some(1));
        gone.Add(FakeRuns.Some(1));
        Assert.NotNull(far.Claim());
        clock.Now += SweepStore.Lease - TimeSpan.FromSeconds(1);
        far.Heartbeat();
        clock.Now += SweepStore.Lease - TimeSpan.FromSeconds(1);
        Assert.Null(one.Claim()); // it has been heard of
        clock.Now += TimeSpan.FromSeconds(2);
        Assert.NotNull(gone.Claim());
        Assert.False(far.Complete("key0", 1, "late")); // too late: another has it
        Assert.NotNull(one.Claim()); // no process of that number began then
        Assert.True(one.Complete("key0", 1, "in time"));
        Assert.Equal("in time", one.Runs()[0].Outcome);
    }

    [Fact]
    public void Owners_are_read_back_and_the_living_are_not_gone()
    {
        SweepOwner own = SweepOwner.Current;
        Assert.Equal(own, SweepOwner.Parse(own.ToString()));
        Assert.False(own.IsGone);
        Assert.False(Elsewhere.IsGone);
        Assert.True((own with { Started = own.Started + 1 }).IsGone);
        Assert.Null(SweepOwner.Parse("somebody"));
    }

    [Fact]
    public void Failed_runs_wait_again_when_asked()
    {
        using var folder = new ScratchFolder();
        using SweepStore store = SweepStore.Open(folder["s.db"], create: true);
        store.Add(FakeRuns.Some(1));
        store.Fail(store.Claim()!.Key, 2, "the loss is NaN");
        Assert.Null(store.Claim());
        Assert.Equal("the loss is NaN", store.Runs()[0].Error);
        Assert.Equal(1, store.RetryFailed());
        Assert.NotNull(store.Claim());
    }

    [Fact]
    public void What_is_no_database_of_a_sweep_is_refused_and_left_alone()
    {
        using var folder = new ScratchFolder();
        string text = folder.Write("notes.txt", "these are notes and no database, however long the line is drawn out"u8.ToArray());
        Assert.Contains(
            "notes.txt is no database of a sweep",
            Assert.Throws<SweepException>(() => SweepStore.Open(text, create: true)).Message
        );
        Assert.Contains("does not exist", Assert.Throws<SweepException>(() => SweepStore.Open(folder["none.db"])).Message);
        Assert.Equal(["notes.txt"], folder.Files);
        Assert.StartsWith("these are notes", File.ReadAllText(text));
    }

    [Fact]
    public void Reading_neither_waits_for_a_writer_nor_writes()
    {
        using var folder = new ScratchFolder();
        string file = folder["s.db"];
        using (SweepStore store = SweepStore.Open(file, create: true))
        {
            store.Add(FakeRuns.Some(3));
        }
        byte[] before = File.ReadAllBytes(file);
        using var writer = new SqliteConnection($"Data Source={file};Pooling=False");
        writer.Open();
        using SqliteTransaction begun = writer.BeginTransaction(deferred: false);
        var clock = Stopwatch.StartNew();
        Assert.Equal(3, SweepStore.ReadRuns(file).Count);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
        Assert.Equal(before, File.ReadAllBytes(file));
        Assert.Equal(["s.db"], folder.Files.Where(name => !name.EndsWith("-journal", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("UPDATE runs SET key = NULL", "a run has no key")]
    [InlineData("CREATE VIEW v AS SELECT 1", "views or triggers")]
    [InlineData("CREATE TRIGGER t AFTER UPDATE ON runs BEGIN DELETE FROM runs; END", "views or triggers")]
    [InlineData(
        "ALTER TABLE runs RENAME TO old; CREATE VIEW runs AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT * "
            + "FROM old, c",
        "views or triggers"
    )]
    public void What_somebody_else_put_into_a_database_is_named(string sql, string words)
    {
        using var folder = new ScratchFolder();
        string file = folder["s.db"];
        using (SweepStore store = SweepStore.Open(file, create: true))
        {
            store.Add(FakeRuns.Some(1));
        }
        using (var other = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            other.Open();
            using SqliteCommand command = other.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
        Assert.Contains(words, Assert.Throws<SweepException>(() => SweepStore.ReadRuns(file)).Message);
    }

    [Fact]
    public void Merging_keeps_every_run_once_and_tells_conflicts()
    {
        using var folder = new ScratchFolder();
        using SweepStore target = SweepStore.Open(folder["t.db"], create: true),
            source = SweepStore.Open(folder["s.db"], create: true);
        target.Add(FakeRuns.Some(4));
        source.Add(FakeRuns.Some(6));
        for (int i = 0; i < 3; i++)
        {
            target.Complete(target.Claim()!.Key, 1, $"{i}");
        }
        for (int i = 0; i < 5; i++)
        {
            source.Complete(source.Claim()!.Key, 2, i == 1 ? "11" : $"{i}");
        }
        source.Claim();
        MergeOutcome outcome = SweepMerge.Into(target, source.Runs());
        Assert.Equal((3, 2), (outcome.Added, outcome.Same)); // 3, 4 and the claimed 5; 0 and 2
        MergeConflict conflict = Assert.Single(outcome.Conflicts);
        Assert.Equal(("1", "11"), (conflict.Kept.Outcome, conflict.Other.Outcome));
        Assert.Equal(["0", "1", "2", "3", "4", ""], target.Runs().Select(run => run.Outcome));
        Assert.Equal(RunState.Waiting, target.Runs()[5].State);
        Assert.Equal(6, SweepMerge.Into(target, source.Runs()) is var again ? again.Added + again.Same + again.Conflicts.Count : 0);
    }

    [Fact]
    public void An_outcome_without_a_curve_agrees_with_the_same_one_with_it()
    {
        using var folder = new ScratchFolder();
        using SweepStore target = SweepStore.Open(folder["t.db"], create: true);
        target.Add(FakeRuns.Some(2));
        target.Complete(target.Claim()!.Key, 1, """{"loss":3,"curve":[{"tokens":1,"loss":4}]}""");
        target.Complete(target.Claim()!.Key, 1, """{"loss":3,"curve":[{"tokens":1,"loss":4}]}""");
        StoredRun[] table = [.. target.Runs().Select((run, i) => run with { Outcome = $$"""{"loss":{{3 + i}},"curve":[]}""" })];
        MergeOutcome outcome = SweepMerge.Into(target, table);
        Assert.Equal((0, 1, 1), (outcome.Added, outcome.Same, outcome.Conflicts.Count));
        Assert.Contains("tokens", target.Runs()[0].Outcome);
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddDays(20000);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
