using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Threads;

namespace KernelGen;

/// <summary>The generated kernels of one format behind the run-time interface.</summary>
internal sealed class CompressedFormat<TFormat> : CompressedFormat
    where TFormat : struct, ICompressedFormat<TFormat>
{
    public static CompressedFormat<TFormat> Instance { get; } = new();

    private CompressedFormat()
        : base(TFormat.Info, typeof(TFormat)) { }

    public override float TensorScale(in TensorStatistics statistics) => TFormat.TensorScale(statistics);

    public override void Pack(ReadOnlyMemory<float> weights, int rows, int columns, Memory<byte> packed, Parallelism? parallelism = null) =>
        Pack(weights, rows, columns, default, packed, parallelism);

    public override void Pack(
        ReadOnlyMemory<float> weights,
        int rows,
        int columns,
        ReadOnlyMemory<float> importance,
        Memory<byte> packed,
        Parallelism? parallelism = null
    )
    {
        MatrixShape.Check(Info, rows, columns, packed.Length, weights.Length);
        ColumnImportance.Check(Info.Name, importance.Span, columns);
        float scale = MatrixDriver.WriteHeader<TFormat>(Measure(weights, rows, columns, parallelism), packed.Span);
        int header = Info.TensorHeaderBytes,
            rowBytes = Info.RowBytes(columns);
        RowParallel.For(rows, columns, parallelism, (start, count) =>
        {
            try
            {
                TFormat.PackRows(
                    weights.Span.Slice(start * columns, count * columns),
                    count,
                    columns,
                    scale,
                    importance.Span,
                    packed.Span.Slice(header + start * rowBytes, count * rowBytes)
                );
            }
            catch (NonFiniteWeightException e)
            {
                throw new NonFiniteWeightException(Info.Name, start + e.Row, e.Column, e.Value);
            }
        });
    }

    public override void PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    )
    {
        ColumnImportance.Check(Info.Name, importance, columns);
        TFormat.PackRows(weights, rows, columns, tensorScale, importance, packed);
    }

    public override void UnpackRows(ReadOnlySpan<byte> packed, int rows, int columns, float tensorScale, Span<float> weights)
    {
        int rowBytes = Info.RowBytes(columns);
        for (int row = 0; row < rows; row++)
        {
            TFormat.UnpackSegment(packed.Slice(row * rowBytes, rowBytes), 0, tensorScale, weights.Slice(row * columns, columns));
        }
    }

    public override void Unpack(ReadOnlyMemory<byte> packed, int rows, int columns, Memory<float> weights, Parallelism? parallelism = null)
    {
        MatrixShape.Check(Info, rows, columns, packed.Length, weights.Length);
        float scale = MatrixDriver.ReadHeader<TFormat>(packed.Span);
        int header = Info.TensorHeaderBytes,
            rowBytes = Info.RowBytes(columns);
        RowParallel.For(rows, columns, parallelism, (start, count) =>
        {
            for (int row = start; row < start + count; row++)
            {
                TFormat.UnpackSegment(
                    packed.Span.Slice(header + row * rowBytes, rowBytes),
                    0,
                    scale,
                    weights.Span.Slice(row * columns, columns)
                );
            }
        });
    }

    public override void RoundTrip(
        ReadOnlyMemory<float> weights,
        int rows,
        int columns,
        Memory<float> result,
        Parallelism? parallelism = null
    )
    {
        MatrixShape.Check(Info, rows, columns, int.MaxValue, Math.Min(weights.Length, result.Length));
        float scale = TFormat.TensorScale(Measure(weights, rows, columns, parallelism));
        RowParallel.For(rows, columns, parallelism, (start, count) =>
        {
            try
            {
                TFormat.RoundTripRows(
                    weights.Span.Slice(start * columns, count * columns),
                    count,
                    columns,
                    scale,
                    result.Span.Slice(start * columns, count * columns)
                );
            }
            catch (NonFiniteWeightException e)
            {
                throw new NonFiniteWeightException(Info.Name, start + e.Row, e.Column, e.Value);
            }
        });
    }

    public override CompressedMatrix Matrix(ReadOnlyMemory<byte> packed, int rows, int columns) =>
        new CompressedMatrix<TFormat>(packed, rows, columns);

    public override ProductMatrix? Repack(ReadOnlySpan<byte> packed, int rows, int columns) => TFormat.Repack(packed, rows, columns);

    public override ProductMatrix AsPacked(ReadOnlyMemory<byte> packed, int rows, int columns) => TFormat.AsPacked(packed, rows, columns);

    public override ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns)
    {
        MatrixShape.Check(Info, rows, columns, int.MaxValue, samples.Length);
        samples = samples[..(rows * columns)];
        float scale = Info.TensorHeader is null ? 1f : TFormat.TensorScale(TensorStatistics.Measure(samples));
        return TFormat.Probe(samples, rows, columns, scale);
    }

    public override void ReferencePack(ReadOnlySpan<float> weights, int rows, int columns, Span<byte> packed)
    {
        MatrixShape.Check(Info, rows, columns, packed.Length, weights.Length);
        float scale = MatrixDriver.WriteHeader<TFormat>(TensorStatistics.Measure(weights[..(rows * columns)]), packed);
        int header = Info.TensorHeaderBytes,
            rowBytes = Info.RowBytes(columns);
        for (int row = 0; row < rows; row++)
        {
            TFormat.ReferencePackRow(weights.Slice(row * columns, columns), scale, packed.Slice(header + row * rowBytes, rowBytes));
        }
    }

    public override void ReferenceUnpack(ReadOnlySpan<byte> packed, int rows, int columns, Span<float> weights)
    {
        MatrixShape.Check(Info, rows, columns, packed.Length, weights.Length);
        float scale = MatrixDriver.ReadHeader<TFormat>(packed);
        int header = Info.TensorHeaderBytes,
            rowBytes = Info.RowBytes(columns);
        for (int row = 0; row < rows; row++)
        {
            TFormat.ReferenceUnpackRow(packed.Slice(header + row * rowBytes, rowBytes), scale, weights.Slice(row * columns, columns));
        }
    }

    /// <summary>Statistics of the tensor, the same for any number of threads: parts of fixed size are added in order.</summary>
    private static TensorStatistics Measure(ReadOnlyMemory<float> weights, int rows, int columns, Parallelism? parallelism)
    {
        if (TFormat.Info.TensorHeader is null)
        {
            return default;
        }
        const int part = 1 << 16;
        int length = rows * columns,
            parts = (length + part - 1) / part;
        var measured = new TensorStatistics[parts];
        Parallelism? silent = parallelism is null ? null : parallelism with { RowsDone = null };
        RowParallel.For(parts, part, silent, (start, count) =>
        {
            for (int i = start; i < start + count; i++)
            {
                measured[i] = TensorStatistics.Measure(weights.Span.Slice(i * part, Math.Min(part, length - i * part)));
            }
        });
        TensorStatistics sum = default;
        foreach (TensorStatistics one in measured)
        {
            sum += one;
        }
        MatrixDriver.RequireFinite<TFormat>(sum, weights.Span[..length], columns);
        return sum;
    }
}
