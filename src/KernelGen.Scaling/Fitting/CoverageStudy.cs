namespace KernelGen.Scaling;

/// <summary>
/// Are the intervals honest? Takes a law and its parameters for the truth, draws losses with noise at the inputs of a table, fits, and
/// counts how often the intervals hold the truth.
/// </summary>
/// <param name="Repetitions">Number of synthetic tables.</param>
/// <param name="Level">What the intervals promise.</param>
/// <param name="Coverage">Share of repetitions in which the interval of each parameter held the truth.</param>
/// <param name="Bias">Mean of fitted minus true, in standard deviations of the fits.</param>
public sealed record CoverageStudy(
    int Repetitions,
    double Level,
    IReadOnlyDictionary<string, double> Coverage,
    IReadOnlyDictionary<string, double> Bias
)
{
    /// <summary>Runs the study.</summary>
    /// <param name="law">The law.</param>
    /// <param name="truth">Its true parameters.</param>
    /// <param name="inputs">Inputs of the runs of each table.</param>
    /// <param name="noise">Standard deviation of the noise on the (log) loss.</param>
    /// <param name="repetitions">Number of tables.</param>
    /// <param name="options">How each table is fitted; its seed seeds the noise.</param>
    public static CoverageStudy Run(
        IScalingLaw law,
        IReadOnlyList<double> truth,
        IReadOnlyList<LawInput> inputs,
        double noise,
        int repetitions,
        FitOptions options
    )
    {
        double[] exact = [.. inputs.Select(input => law.Predict(input, [.. truth], []))];
        var fits = new FittedLaw[repetitions];
        int done = 0;
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, options.Threads),
            CancellationToken = options.Cancellation,
        };
        Parallel.For(0, repetitions, parallel, repetition =>
        {
            var random = new Random(unchecked(options.Seed * 7_368_787 + repetition));
            TrainingRun[] runs =
            [
                .. inputs.Select(
                    (input, i) =>
                    {
                        double error = noise * MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1);
                        return new TrainingRun(input, law.LogResiduals ? exact[i] * Math.Exp(error) : exact[i] + error);
                    }
                ),
            ];
            fits[repetition] = LawFit.Run(law, runs, options with { Threads = 1, Seed = options.Seed + repetition, Progress = null });
            options.Progress?.Report(new("coverage", Interlocked.Increment(ref done), repetitions));
        });
        var coverage = new Dictionary<string, double>();
        var bias = new Dictionary<string, double>();
        for (int i = 0; i < law.Parameters.Count; i++)
        {
            ParameterEstimate[] estimates = [.. fits.Select(fit => fit.Parameters[i])];
            if (estimates[0].Status == ParameterStatus.Held)
            {
                continue;
            }
            string name = law.Parameters[i].Name;
            coverage[name] = estimates.Count(e => e.Low <= truth[i] && truth[i] <= e.High) / (double)repetitions;
            bias[name] = (estimates.Average(e => e.Value) - truth[i]) / Percentiles.StandardDeviation([.. estimates.Select(e => e.Value)]);
        }
        return new(repetitions, options.Level, coverage, bias);
    }
}
