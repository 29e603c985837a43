using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// The kernels of a format that codes whole blocks: each block is decoded into a buffer on the stack and used from there.
/// Generated formats forward their members here, so that the loops exist once.
/// </summary>
/// <typeparam name="TFormat">The declared struct.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class BlockKernels<TFormat>
    where TFormat : struct, IBlockFormat<TFormat>
{
    /// <summary>A matrix repacked for products in float32 alone; null if it is faster as it is packed.</summary>
    /// <inheritdoc cref="ICompressedFormat{TSelf}.Repack"/>
    public static ProductMatrix? Repack(ReadOnlySpan<byte> packed, int rows, int columns) =>
        TFormat.Codec.Repack(TFormat.Info, packed, rows, columns);

    /// <inheritdoc cref="ICompressedFormat{TSelf}.PackRows"/>
    public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, ReadOnlySpan<float> importance, Span<byte> packed)
    {
        if (!TFormat.Info.HonoursImportance)
        {
            importance = default;
        }
        Span<float> buffer = stackalloc float[importance.IsEmpty ? 0 : TFormat.Info.Block];
        int rowBytes = MatrixDriver.CheckRows(TFormat.Info, packed, rows, columns, weights);
        int block = TFormat.Info.Block,
            blockBytes = TFormat.Info.BlockBytes;
        for (int r = 0; r < rows; r++)
        {
            for (int column = 0, at = r * rowBytes; column < columns; column += block, at += blockBytes)
            {
                ReadOnlySpan<float> values = weights.Slice(r * columns + column, Math.Min(block, columns - column));
                ReadOnlySpan<float> blockImportance = ColumnImportance.Of(importance, column, values.Length, buffer);
                TFormat.Codec.Encode(values, blockImportance, r, column, packed.Slice(at, blockBytes));
            }
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.UnpackSegment"/>
    public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, Span<float> weights)
    {
        int block = TFormat.Info.Block,
            blockBytes = TFormat.Info.BlockBytes;
        int at = MatrixDriver.FirstBlock(TFormat.Info.Name, firstColumn, block) * blockBytes;
        int column = 0;
        BlockCodec codec = TFormat.Codec;
        for (; column <= weights.Length - block; column += block, at += blockBytes)
        {
            codec.Decode(packedRow.Slice(at, blockBytes), weights.Slice(column, block));
        }
        if (column < weights.Length)
        {
            Span<float> values = stackalloc float[block];
            TFormat.Codec.Decode(packedRow.Slice(at, blockBytes), values);
            values[..(weights.Length - column)].CopyTo(weights[column..]);
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.RoundTripRows"/>
    public static void RoundTripRows(ReadOnlySpan<float> weights, int rows, int columns, Span<float> result)
    {
        MatrixDriver.CheckRows(TFormat.Info, weights, rows, columns, result);
        int block = TFormat.Info.Block;
        Span<byte> bytes = stackalloc byte[TFormat.Info.BlockBytes];
        Span<float> values = stackalloc float[block];
        for (int r = 0; r < rows; r++)
        {
            for (int column = 0; column < columns; column += block)
            {
                int count = Math.Min(block, columns - column);
                TFormat.Codec.Encode(weights.Slice(r * columns + column, count), default, r, column, bytes);
                TFormat.Codec.Decode(bytes, values);
                values[..count].CopyTo(result[(r * columns + column)..]);
            }
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.Probe"/>
    public static ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns)
    {
        MatrixDriver.CheckRows(TFormat.Info, samples, rows, columns);
        int block = TFormat.Info.Block;
        Span<byte> bytes = stackalloc byte[TFormat.Info.BlockBytes];
        Span<float> values = stackalloc float[block];
        double error = 0,
            square = 0;
        for (int r = 0; r < rows; r++)
        {
            ReadOnlySpan<float> row = samples.Slice(r * columns, columns);
            square += TensorStatistics.Measure(row).SumOfSquares;
            for (int column = 0; column < columns; column += block)
            {
                ReadOnlySpan<float> part = row.Slice(column, Math.Min(block, columns - column));
                TFormat.Codec.Encode(part, default, r, column, bytes);
                TFormat.Codec.Decode(bytes, values);
                for (int i = 0; i < part.Length; i++)
                {
                    double difference = (double)part[i] - values[i];
                    error += difference * difference;
                }
            }
        }
        return new ErrorSums(error, square, (long)rows * columns);
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReferencePackRow"/>
    public static void ReferencePackRow(ReadOnlySpan<float> weights, Span<byte> packedRow)
    {
        int block = TFormat.Info.Block,
            blockBytes = TFormat.Info.BlockBytes;
        for (int column = 0; column < weights.Length; column += block)
        {
            ReadOnlySpan<float> values = weights.Slice(column, Math.Min(block, weights.Length - column));
            TFormat.Codec.ReferenceEncode(values, 0, column, packedRow.Slice(column / block * blockBytes, blockBytes));
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReferenceUnpackRow"/>
    public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, Span<float> weights)
    {
        int block = TFormat.Info.Block,
            blockBytes = TFormat.Info.BlockBytes;
        float[] values = new float[block];
        for (int column = 0; column < weights.Length; column += block)
        {
            TFormat.Codec.ReferenceDecode(packedRow.Slice(column / block * blockBytes, blockBytes), values);
            values.AsSpan(0, Math.Min(block, weights.Length - column)).CopyTo(weights[column..]);
        }
    }
}
