using System.Globalization;
using KernelGen.Training;

namespace KernelGen.Sweeps.Tests;

/// <summary>Runs whose training is a wait, and whose outcome can be told from their specification.</summary>
internal static class FakeRuns
{
    public static SweepRun[] Some(int count, int first = 0) => [.. Enumerable.Range(first, count).Select(i => One(i))];

    public static SweepRun One(int i, double work = 1) =>
        new($"key{i}", "group", "kind", work, string.Create(CultureInfo.InvariantCulture, $"{{\"seed\":{i}}}"));

    public static string Outcome(SweepRun run) => $"{{\"of\":{run.Spec}}}";

    public static SweepTrainer Trainer(TimeSpan each = default) =>
        (run, _, progress, cancellation) =>
        {
            progress(0.5);
            cancellation.WaitHandle.WaitOne(each);
            cancellation.ThrowIfCancellationRequested();
            return Outcome(run);
        };
}
