namespace KernelGen.Models;

/// <summary>What a format does to a tensor.</summary>
/// <param name="Format">The format.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="Bytes">Bytes of the whole tensor in the format.</param>
/// <param name="Errors">Differences over the rows that were read.</param>
public sealed record FormatErrors(CompressedFormat Format, ModelTensor Tensor, long Bytes, ValueErrors Errors)
{
    /// <summary>Standard deviations beyond which a value counts as an outlier: 6 in 100,000 of a Gaussian are.</summary>
    public const double OutlierThreshold = 4;

    /// <summary>Bits per weight of the whole tensor, padding and headers included.</summary>
    public double BitsPerWeight => 8.0 * Bytes / Tensor.Count;

    /// <summary>Packs and unpacks rows of a tensor; null if the tensor is too large for the format.</summary>
    /// <param name="sample">The rows.</param>
    /// <param name="format">The format.</param>
    /// <param name="importance">Weights of the columns, with which it is packed and errors are weighed; null for none.</param>
    /// <param name="threads">Threads; the result does not depend on it.</param>
    /// <param name="cancellation">Cancels between parts.</param>
    public static FormatErrors? Measure(
        TensorSample sample,
        CompressedFormat format,
        ImportanceFile? importance = null,
        int threads = 1,
        CancellationToken cancellation = default
    )
    {
        FormatInfo info = format.Info;
        ModelTensor tensor = sample.Tensor;
        if (PackedSize.Of(info, tensor.Rows, tensor.Columns) is null)
        {
            return null;
        }
        // As it will be read again: the scale in the precision in which it is stored.
        float scale = format.TensorScale(sample.Statistics);
        ColumnImportance? weights = importance?.For(tensor);
        double outlier = OutlierThreshold * sample.Statistics.Rms;
        int columns = sample.Columns,
            rows = Math.Clamp(ChunkList.Values / 8 / columns, 1, sample.Rows),
            parts = (sample.Rows + rows - 1) / rows;
        var sums = new ValueErrors[parts];
        Workers.Run(parts, threads, cancellation, () =>
        {
            var packed = new byte[rows * info.RowBytes(columns)];
            var decoded = new float[rows * columns];
            return part =>
            {
                int first = part * rows,
                    count = Math.Min(rows, sample.Rows - first);
                ReadOnlySpan<float> values = sample.Values.Span.Slice(first * columns, count * columns);
                sums[part] = new();
                // Rows of a sample that are not neighbours in the tensor may have other weights each.
                foreach ((int start, int run, ReadOnlyMemory<float> weight) in Runs(weights, sample, first, count))
                {
                    ReadOnlySpan<float> x = values.Slice(start * columns, run * columns);
                    Span<float> y = decoded.AsSpan(0, x.Length);
                    format.PackRows(x, run, columns, scale, weight.Span, packed);
                    format.UnpackRows(packed, run, columns, scale, y);
                    sums[part] += ValueErrors.Of(x, y, weight.Span, outlier);
                }
            };
        });
        return new(
            format,
            tensor,
            TensorStorage.Of(format).BytesOf(tensor)!.Value,
            sums.Aggregate(new ValueErrors(), (sum, part) => sum + part)
        );
    }

    private static IEnumerable<(int First, int Count, ReadOnlyMemory<float> Weights)> Runs(
        ColumnImportance? weights,
        TensorSample sample,
        int first,
        int count
    ) =>
        weights is null ? [(0, count, default)]
        : sample.Rows == sample.Tensor.Rows ? weights.Runs(first, count)
        : Enumerable.Range(0, count).Select(i => (i, 1, weights.Runs(sample.SourceRow(first + i), 1).First().Weights));
}
