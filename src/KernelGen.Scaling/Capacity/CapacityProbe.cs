using System.Diagnostics;
using KernelGen.Kernels.Elements;

namespace KernelGen.Scaling;

/// <summary>
/// Measures the relative mean squared error of a round trip over a source, by streaming chunks through the generated
/// fused kernel. The same options give the same bits for any number of threads.
/// </summary>
public static class CapacityProbe
{
    /// <summary>Measures a format.</summary>
    /// <param name="format">The format.</param>
    /// <param name="options">Samples, seed, source, threads; <see cref="ProbeOptions.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number among the options is out of range.</exception>
    /// <exception cref="OperationCanceledException">The probe was cancelled.</exception>
    public static CapacityResult Measure(CompressedFormat format, ProbeOptions? options = null)
    {
        options ??= ProbeOptions.Default;
        var clock = Stopwatch.StartNew();
        RatioEstimate estimate = Run(new FormatTarget(format), options, clock);
        FormatInfo info = format.Info;
        return new CapacityResult
        {
            Name = info.Name,
            Source = options.Source.Name,
            Bits = options.Source is TensorSource tensor
                ? 8.0 * info.PackedBytes(tensor.Rows, tensor.Columns) / tensor.Values.Length
                : info.BitsPerWeight,
            Gmse = estimate.Ratio,
            StandardError = double.IsNaN(estimate.StandardError) ? null : estimate.StandardError,
            ExactGmse = options.Source == ValueSource.Gaussian ? ExactGmse(info) : null,
            MeanSquare = estimate.Total.SquaredValue / estimate.Total.Count,
            Samples = estimate.Total.Count,
            Seconds = clock.Elapsed.TotalSeconds,
            Family = CapacityFamily.Of(info.Family),
        };
    }

    /// <summary>
    /// The GMSE of a scalar grid with one Gaussian-optimal scale by exact integration; null for other formats. Codes that
    /// are no number are left out, and codes of equal value (±0) count once.
    /// </summary>
    /// <param name="info">The format's constants.</param>
    public static double? ExactGmse(FormatInfo info) =>
        info.GaussianScale is { } scale ? GaussianGrid.MeanSquaredError(DistinctLevels(info), scale) : null;

    /// <summary>The levels of a format before scaling, ascending, each once, without NaN and infinity.</summary>
    /// <param name="info">The format's constants.</param>
    public static IReadOnlyList<double> DistinctLevels(FormatInfo info)
        // −0 + 0 is +0: without it the two zeros would be one value but two entries to a comparison of bits.
        =>
        [.. info.Levels.Where(float.IsFinite).Select(level => level + 0.0).Distinct().Order()];

    /// <summary>Streams a source through a target.</summary>
    internal static RatioEstimate Run(IProbeTarget target, ProbeOptions options, Stopwatch clock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Samples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Rows, 1);
        return options.Source switch
        {
            RandomSource source => RunRandom(target, source, options, clock),
            TensorSource tensor => RunTensor(target, tensor, options, clock),
            _ => throw new ArgumentException($"{options.Source} is not a source this probe knows.", nameof(options)),
        };
    }

    private static RatioEstimate RunRandom(IProbeTarget target, RandomSource source, ProbeOptions options, Stopwatch clock)
    {
        int columns = checked((int)Math.Max((long)options.Columns / target.Block, 1) * target.Block);
        // Few samples go into small chunks, so that there are chunks enough to estimate a standard error from.
        int rows = (int)Math.Clamp(options.Samples / (16L * columns), 1, options.Rows);
        int size = checked(rows * columns);
        long chunks = Math.Max(2, (options.Samples + size - 1) / size);
        return ChunkStream.Run(
            chunks,
            _ => size,
            options,
            clock,
            size,
            (chunk, buffer) =>
            {
                source.Fill(options.Seed, chunk, buffer);
                return target.Probe(buffer, rows, columns);
            }
        );
    }

    private static RatioEstimate RunTensor(IProbeTarget target, TensorSource tensor, ProbeOptions options, Stopwatch clock)
    {
        int columns = tensor.Columns;
        int rows = Math.Clamp((1 << 16) / columns, 1, tensor.Rows);
        int chunks = (tensor.Rows + rows - 1) / rows;
        int Rows(long chunk) => Math.Min(rows, tensor.Rows - (int)chunk * rows);
        if (!target.TensorWide)
        {
            return ChunkStream.Run(
                chunks,
                chunk => Rows(chunk) * columns,
                options,
                clock,
                0,
                (chunk, _) =>
                    target.Probe(tensor.Values.Span.Slice((int)chunk * rows * columns, Rows(chunk) * columns), Rows(chunk), columns)
            );
        }
        // Something is chosen from all values, so the tensor makes its round trip in one piece.
        var result = new float[tensor.Values.Length];
        target.RoundTrip(
            tensor.Values,
            tensor.Rows,
            columns,
            result,
            new Parallelism { Threads = options.Threads, Cancellation = options.Cancellation }
        );
        return ChunkStream.Run(
            chunks,
            chunk => Rows(chunk) * columns,
            options,
            clock,
            0,
            (chunk, _) =>
            {
                int start = (int)chunk * rows * columns,
                    count = Rows(chunk) * columns;
                return SquaredError.Of(tensor.Values.Span.Slice(start, count), result.AsSpan(start, count));
            }
        );
    }

    private sealed class FormatTarget(CompressedFormat format) : IProbeTarget
    {
        public int Block => format.Info.Block;

        public bool TensorWide => format.Info.TensorHeader is not null;

        public ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns) => format.Probe(samples, rows, columns);

        public void RoundTrip(ReadOnlyMemory<float> weights, int rows, int columns, Memory<float> result, Parallelism parallelism) =>
            format.RoundTrip(weights, rows, columns, result, parallelism);
    }
}
