using KernelGen.Scaling;

namespace KernelGen.Bench;

/// <summary>Probes with the same options, shown as they go on.</summary>
/// <param name="host">Where to report to.</param>
/// <param name="threads">Threads.</param>
/// <param name="samples">Samples for each subject; null for the default, which is less for formats that are slow to pack.</param>
/// <param name="defaultSamples">The default for formats that are quick to pack.</param>
/// <param name="seed">Seed of the samples.</param>
internal sealed class ProbeRun(MeasuringHost host, int threads, long? samples, long defaultSamples, ulong seed)
{
    /// <summary>
    /// Comparisons of a weight with a candidate that the default may cost for one weight of the quick formats: 16 of them
    /// take about as long as all else that a probe does with a weight.
    /// </summary>
    private const long CandidatesFree = 16;

    /// <summary>Samples that the default never goes below: a relative standard error of some 0.2 %.</summary>
    private const long FewestByDefault = 1 << 18;

    /// <summary>Measures each subject on one source.</summary>
    /// <param name="subjects">What to measure.</param>
    /// <param name="source">What to feed it with.</param>
    /// <param name="title">What is done, for the display.</param>
    /// <returns>The outcomes, in the order of the subjects.</returns>
    public IReadOnlyList<ProbeOutcome> Measure(IReadOnlyList<ProbeSubject> subjects, ValueSource source, string title)
    {
        List<ProbeOutcome> outcomes = [];
        if (source is RandomSource && subjects.FirstOrDefault(subject => SamplesFor(subject) < (samples ?? defaultSamples)) is { } slow)
        {
            int others = subjects.Count(subject => SamplesFor(subject) < (samples ?? defaultSamples)) - 1;
            host.Note(
                $"{title}: {slow.Name}{(others > 0 ? $" and {others} more" : "")} are slow to pack and get fewer samples, "
                    + $"{FewestByDefault} at least; --samples gives all the same number."
            );
        }
        host.Progress.Run(title, subjects.Count, report =>
        {
            foreach (ProbeSubject subject in subjects)
            {
                host.Cancellation.ThrowIfCancellationRequested();
                outcomes.Add(subject.Measure(Options(subject, source, share => report(outcomes.Count + share, subject.Name))));
                report(outcomes.Count, subject.Name);
            }
        });
        return outcomes;
    }

    private long SamplesFor(ProbeSubject subject) =>
        samples
        ?? Math.Min(defaultSamples, Math.Max(FewestByDefault, defaultSamples / Math.Max(1, subject.CandidatesPerWeight / CandidatesFree)));

    private ProbeOptions Options(ProbeSubject subject, ValueSource source, Action<double> progress) =>
        new()
        {
            Samples = SamplesFor(subject),
            Seed = seed,
            Source = source,
            Threads = threads,
            Cancellation = host.Cancellation,
            Progress = new Share(progress),
        };

    /// <summary>Progress as a share from 0 to 1, in the thread that makes it.</summary>
    private sealed class Share(Action<double> report) : IProgress<ProbeProgress>
    {
        public void Report(ProbeProgress value) =>
            report(value.SamplesTotal > 0 ? Math.Min(1, (double)value.SamplesDone / value.SamplesTotal) : 0);
    }
}
