namespace KernelGen.Training;

/// <summary>The runs of a sweep in the order in which they are done.</summary>
public sealed class SweepPlan
{
    private SweepPlan(IReadOnlyList<SweepRun> runs) => Runs = runs;

    /// <summary>The runs, the least work first, so that an interrupted sweep has whole sizes.</summary>
    public IReadOnlyList<SweepRun> Runs { get; }

    /// <summary>Plans a sweep.</summary>
    /// <param name="document">The sweep.</param>
    /// <param name="catalog">The formats; every representation, method and text is tried once, so that a misspelt one is found before the
    /// first run.</param>
    /// <exception cref="FormatException">A name is no representation; the message names the nearest.</exception>
    /// <exception cref="SweepException">A method is none, or does not go with a representation.</exception>
    public static SweepPlan Of(SweepDocument document, FormatCatalog catalog)
    {
        foreach (
            (string group, TrainingSpec spec) in document.Runs.DistinctBy(run =>
                (run.Spec.Weights, run.Spec.Activations, run.Spec.Method, run.Spec.Data)
            )
        )
        {
            try
            {
                // One layer shows as much as many; the tokens do not matter.
                TrainingSpec one = spec with { Layers = 1 };
                Compression.Of(one, catalog, new ParameterLayout(one, 1));
                TrainingData.RequireKnown(spec.Data);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                throw new SweepException($"block '{group}', {Kind(spec)}: {e.Message.Split(" (Parameter", 2)[0]}", e);
            }
        }
        return new([.. document.Runs.Select(run => Run(run.Group, run.Spec)).OrderBy(run => run.Work)]);
    }

    /// <summary>A share of the runs, of like work: every <paramref name="of"/>th, beginning with the <paramref name="index"/>th.</summary>
    /// <param name="index">Which share, from 1.</param>
    /// <param name="of">How many shares there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such share.</exception>
    public SweepPlan Shard(int index, int of)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(index, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, of);
        return new([.. Runs.Where((_, i) => i % of == index - 1)]);
    }

    /// <summary>A run as a database holds it.</summary>
    /// <param name="group">Name of its block.</param>
    /// <param name="spec">The run.</param>
    public static SweepRun Run(string group, TrainingSpec spec)
    {
        // Per token: the matrices, and attention over the context; the rest grows like these.
        double each = spec.Parameters + (double)spec.Layers * spec.Context * spec.Width;
        return new(spec.Key, group, Kind(spec), each * spec.Tokens, TrainingJson.Write(spec));
    }

    private static string Kind(TrainingSpec spec) => $"{spec.Weights} x {spec.Activations}, {spec.Method}";
}
