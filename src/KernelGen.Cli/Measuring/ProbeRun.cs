using KernelGen.Scaling;

namespace KernelGen.Cli.Measuring;

/// <summary>Probes with the same options, shown as they go on.</summary>
internal sealed class ProbeRun(CommandEnvironment environment, int threads, long samples, ulong seed)
{
    /// <summary>Measures each subject on one source.</summary>
    /// <param name="subjects">What to measure.</param>
    /// <param name="source">What to feed it with.</param>
    /// <param name="title">What is done, for the display.</param>
    /// <returns>The outcomes, in the order of the subjects.</returns>
    public IReadOnlyList<ProbeOutcome> Measure(IReadOnlyList<ProbeSubject> subjects, ValueSource source, string title)
    {
        List<ProbeOutcome> outcomes = [];
        environment.Progress.Run(title, subjects.Count, report =>
        {
            foreach (ProbeSubject subject in subjects)
            {
                environment.Cancellation.ThrowIfCancellationRequested();
                outcomes.Add(subject.Measure(Options(source, share => report(outcomes.Count + share, subject.Name))));
                report(outcomes.Count, subject.Name);
            }
        });
        return outcomes;
    }

    private ProbeOptions Options(ValueSource source, Action<double> progress) => new()
    {
        Samples = samples,
        Seed = seed,
        Source = source,
        Threads = threads,
        Cancellation = environment.Cancellation,
        Progress = new Share(progress),
    };

    /// <summary>Progress as a share from 0 to 1, in the thread that makes it.</summary>
    private sealed class Share(Action<double> report) : IProgress<ProbeProgress>
    {
        public void Report(ProbeProgress value) => report(value.SamplesTotal > 0 ? Math.Min(1, (double)value.SamplesDone / value.SamplesTotal) : 0);
    }
}
