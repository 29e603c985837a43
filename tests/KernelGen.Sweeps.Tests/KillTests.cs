using System.Diagnostics;
using KernelGen.Tests;
using KernelGen.Training;

namespace KernelGen.Sweeps.Tests;

/// <summary>A sweep that is killed with signal 9 in its middle, several times.</summary>
public sealed class KillTests
{
    private const int Runs = 60,
        Kills = 3;

    /// <summary>Of a run: long enough that a busy machine looks in before all are done.</summary>
    private const string Milliseconds = "150";

    [Fact]
    public void Nothing_is_lost_or_done_twice()
    {
        using var folder = new ScratchFolder();
        string database = folder["sweep.db"];
        int interrupted = 0;
        for (int kill = 1; kill <= Kills; kill++)
        {
            using Process process = Start(database);
            // Somewhere inside each quarter of the work.
            Wait(() => process.HasExited || Done(database).Count >= kill * Runs / (Kills + 1));
            Assert.False(process.HasExited, "the sweep ended before it could be killed");
            process.Kill();
            process.WaitForExit();
            using SweepStore store = SweepStore.Open(database);
            interrupted += store.Runs().Count(run => run.State == RunState.Claimed);
        }
        Dictionary<string, StoredRun> before = Done(database);
        Assert.InRange(before.Count, Kills * Runs / (Kills + 1), Runs - 1);
        Assert.True(interrupted > 0, "no kill hit a run in progress");
        using (Process last = Start(database))
        {
            Assert.True(last.WaitForExit(60_000));
            Assert.Equal(0, last.ExitCode);
        }
        Dictionary<string, StoredRun> after = Done(database);
        Assert.Equal(FakeRuns.Some(Runs).Select(run => run.Key).Order(), after.Keys.Order());
        Assert.All(after.Values, run => Assert.Equal(FakeRuns.Outcome(run.Run), run.Outcome));
        // What was stored before the last kill is as it was, with its time: it was not done again.
        Assert.All(before.Values, run => Assert.Equal(run, after[run.Run.Key]));
        // Only runs in progress at a kill were begun twice: two at most at each.
        Assert.InRange(after.Values.Sum(run => run.Attempts - 1), 1, 2 * Kills);
        Assert.Equal(["sweep.db"], folder.Files);
    }

    private static Dictionary<string, StoredRun> Done(string database)
    {
        if (!File.Exists(database))
        {
            return [];
        }
        using SweepStore store = SweepStore.Open(database, create: true);
        return store.Runs().Where(run => run.State == RunState.Done).ToDictionary(run => run.Run.Key);
    }

    private static Process Start(string database)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true };
        foreach (string argument in (string[])["exec", typeof(KillTests).Assembly.Location, database, $"{Runs}", Milliseconds])
        {
            start.ArgumentList.Add(argument);
        }
        return Process.Start(start)!;
    }

    private static void Wait(Func<bool> met)
    {
        var clock = Stopwatch.StartNew();
        while (!met())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), "nothing happens");
            Thread.Sleep(15);
        }
    }
}
