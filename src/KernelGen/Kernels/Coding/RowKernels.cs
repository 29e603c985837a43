using System.Buffers;
using System.ComponentModel;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>Kernels of formats that choose something in whole rows: those that pack and unpack a row at a time.</summary>
/// <typeparam name="TFormat">The declared struct.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RowKernels<TFormat>
    where TFormat : struct, ICompressedFormat<TFormat>
{
    /// <inheritdoc cref="ICompressedFormat{TSelf}.RoundTripRows"/>
    public static void RoundTripRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<float> result)
    {
        MatrixDriver.CheckRows(TFormat.Info, weights, rows, columns, result);
        byte[] packed = ArrayPool<byte>.Shared.Rent(TFormat.Info.RowBytes(columns));
        try
        {
            for (int r = 0; r < rows; r++)
            {
                ThereAndBack(weights.Slice(r * columns, columns), r, tensorScale, packed, result.Slice(r * columns, columns));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.Probe"/>
    public static ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale)
    {
        MatrixDriver.CheckRows(TFormat.Info, samples, rows, columns);
        byte[] packed = ArrayPool<byte>.Shared.Rent(TFormat.Info.RowBytes(columns));
        float[] decoded = ArrayPool<float>.Shared.Rent(columns);
        double error = 0,
            square = 0;
        try
        {
            for (int r = 0; r < rows; r++)
            {
                ReadOnlySpan<float> row = samples.Slice(r * columns, columns);
                square += TensorStatistics.Measure(row).SumOfSquares;
                ThereAndBack(row, r, tensorScale, packed, decoded.AsSpan(0, columns));
                for (int i = 0; i < columns; i++)
                {
                    double difference = (double)row[i] - decoded[i];
                    error += difference * difference;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
            ArrayPool<float>.Shared.Return(decoded);
        }
        return new ErrorSums(error, square, (long)rows * columns);
    }

    /// <summary>A bad weight must be named before magnitudes are compared with it.</summary>
    internal static void RequireFinite(ReadOnlySpan<float> values, int row)
    {
        if (GroupMath.MagnitudeBits(values) >= GroupMath.NonFinite)
        {
            MatrixDriver.ThrowNonFinite(TFormat.Info.Name, values, row, 0);
        }
    }

    private static void ThereAndBack(ReadOnlySpan<float> row, int index, float tensorScale, byte[] packed, Span<float> result)
    {
        RequireFinite(row, index);
        Span<byte> bytes = packed.AsSpan(0, TFormat.Info.RowBytes(row.Length));
        TFormat.PackRows(row, 1, row.Length, tensorScale, bytes);
        TFormat.UnpackSegment(bytes, 0, tensorScale, result);
    }
}
