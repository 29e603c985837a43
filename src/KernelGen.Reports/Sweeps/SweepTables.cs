using System.Globalization;
using KernelGen.Training;

namespace KernelGen.Reports;

/// <summary>How sweeps look to people.</summary>
internal static class SweepTables
{
    /// <summary>Runs by block and size: how many there are, how far they are, what they took and will take of one thread.</summary>
    public static DataTable Status(IReadOnlyList<StoredRun> runs)
    {
        var table = new DataTable(
            new("group", "group"),
            new("params", "params", Words: n => AxisText.Count(Convert.ToDouble(n, CultureInfo.InvariantCulture))),
            new("runs", "runs"),
            new("done", "done"),
            new("claimed", "running"),
            new("failed", "failed"),
            new("waiting", "waiting"),
            new("seconds_spent", "spent", Words: Time),
            new("seconds_left", "left", Words: Time)
        );
        var cost = new CostModel(runs);
        foreach (
            var cell in runs.GroupBy(run => (run.Run.Group, Params: TrainingJson.ReadSpec(run.Run.Spec).Parameters))
                .OrderBy(cell => cell.Key.Group, StringComparer.Ordinal)
                .ThenBy(cell => cell.Key.Params)
        )
        {
            Row(cell.Key.Group, cell.Key.Params, cell);
        }
        Row("all", null, runs);
        return table;

        void Row(string group, long? size, IEnumerable<StoredRun> cell)
        {
            int Count(RunState state) => cell.Count(run => run.State == state);
            double left = Left(cost, cell);
            table.Add(
                group,
                size,
                cell.Count(),
                Count(RunState.Done),
                Count(RunState.Claimed),
                Count(RunState.Failed),
                Count(RunState.Waiting),
                cell.Sum(run => run.Seconds),
                left
            );
        }
    }

    /// <summary>What runs that are not done take of one thread, in a sentence, and by what.</summary>
    public static string Estimate(IReadOnlyList<StoredRun> runs, int threads)
    {
        var cost = new CostModel(runs);
        string by = cost.IsBlank ? "by the times in docs/laboratory.md" : "by the runs that are done";
        double left = Left(cost, runs);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"about {RunTime.Text(left)} of one thread, {RunTime.Text(left / threads)} of {threads}, {by}"
        );
    }

    private static double Left(CostModel cost, IEnumerable<StoredRun> runs) =>
        runs.Where(run => run.State is RunState.Waiting or RunState.Claimed)
            .Sum(run => cost.IsBlank ? CostModel.Usual(run.Run) : cost.Seconds(run.Run));

    /// <summary>How far a sweep is.</summary>
    public static string Words(SweepProgress progress) => $"{progress.Done}/{progress.Total} {Remaining(progress)}";

    /// <summary>The same behind a number of runs: <c>runs, 2 failed, 3 min left</c>.</summary>
    public static string Remaining(SweepProgress progress)
    {
        string failed = progress.Failed > 0 ? $", {progress.Failed} failed" : "",
            left = progress.SecondsLeft is { } seconds ? $", {RunTime.Text(seconds)} left" : "";
        return $"runs{failed}{left}";
    }

    /// <summary>A run that has just ended, for a log.</summary>
    public static string Line(SweepProgress progress, StoredRun run)
    {
        string end =
            run.State == RunState.Failed ? $"failed: {run.Error}"
            : TrainingJson.ReadOutcome(run.Outcome) is var outcome
                ? string.Create(CultureInfo.InvariantCulture, $"loss {outcome.Loss:0.0000} ± {outcome.LossError:0.0000}")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"sweep: {Words(progress)} | {RunRows.Words(TrainingJson.ReadSpec(run.Run.Spec))}: {end}, {RunTime.Text(run.Seconds)}"
        );
    }

    private static string? Time(object seconds) => seconds is double value && double.IsFinite(value) ? RunTime.Text(value) : null;
}
