using KernelGen.Reports;
using KernelGen.Training;

namespace KernelGen.Bench;

/// <summary>Whole training steps of Llamas of some widths, dense, next to the multiply–add peak.</summary>
internal static class TrainingRun
{
    public static DataTable Table() =>
        new(
            new("width", "width"),
            new("params", "params"),
            new("threads", "threads"),
            new("milliseconds", "ms a step", "0.0"),
            new("tokens_per_s", "tokens/s", "0"),
            new("gflop_per_s", "GFLOP/s", "0.0"),
            new("peak_percent", "% of peak", "0"),
            new("steps", "n")
        );

    /// <summary>Measures one width.</summary>
    /// <param name="table">Receives a row.</param>
    /// <param name="width">Width, a multiple of 64.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="steps">Steps to time.</param>
    /// <param name="formats">Formats that are known.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    public static void Measure(DataTable table, int width, int threads, int steps, FormatCatalog formats, CancellationToken cancellation)
    {
        TrainingBenchResult result = TrainingBench.Measure(TrainingBench.Shape(width), formats, steps, threads, cancellation);
        table.Add(
            width,
            result.Parameters,
            threads,
            result.SecondsPerStep * 1e3,
            result.TokensPerSecond,
            result.FlopsPerSecond / 1e9,
            100 * result.Share,
            steps
        );
    }
}
