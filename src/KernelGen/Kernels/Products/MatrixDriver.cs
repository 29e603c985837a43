using System.Buffers;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Whole-matrix operations on one thread, on top of the generated row kernels: checks, the tensor header, the loop over
/// rows. Generated formats forward their public members here.
/// </summary>
/// <typeparam name="TFormat">The declared struct.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class MatrixDriver<TFormat>
    where TFormat : struct, ICompressedFormat<TFormat>
{
    /// <inheritdoc cref="ICompressedFormat{TSelf}.Pack(ReadOnlySpan{float}, int, int, Span{byte})"/>
    public static void Pack(ReadOnlySpan<float> weights, int rows, int columns, Span<byte> packed) =>
        Pack(weights, rows, columns, default, packed);

    /// <summary>Packs a matrix whose columns are not equally important.</summary>
    /// <param name="weights"><c>rows × columns</c> values, row-major.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="importance">One number per column, or none.</param>
    /// <param name="packed">Receives the packed matrix.</param>
    public static void Pack(ReadOnlySpan<float> weights, int rows, int columns, ReadOnlySpan<float> importance, Span<byte> packed)
    {
        MatrixShape.Check(TFormat.Info, rows, columns, packed.Length, weights.Length);
        ColumnImportance.Check(TFormat.Info.Name, importance, columns);
        weights = weights[..(rows * columns)];
        float scale = MatrixDriver.WriteHeader<TFormat>(Measure(weights, columns), packed);
        TFormat.PackRows(weights, rows, columns, scale, importance, packed[TFormat.Info.TensorHeaderBytes..]);
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.Unpack"/>
    public static void Unpack(ReadOnlySpan<byte> packed, int rows, int columns, Span<float> weights)
    {
        MatrixShape.Check(TFormat.Info, rows, columns, packed.Length, weights.Length);
        float scale = MatrixDriver.ReadHeader<TFormat>(packed);
        int header = TFormat.Info.TensorHeaderBytes,
            rowBytes = TFormat.Info.RowBytes(columns);
        for (int row = 0; row < rows; row++)
        {
            TFormat.UnpackSegment(packed.Slice(header + row * rowBytes, rowBytes), 0, scale, weights.Slice(row * columns, columns));
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.RoundTrip"/>
    public static void RoundTrip(ReadOnlySpan<float> weights, int rows, int columns, Span<float> result)
    {
        MatrixShape.Check(TFormat.Info, rows, columns, int.MaxValue, Math.Min(weights.Length, result.Length));
        weights = weights[..(rows * columns)];
        TFormat.RoundTripRows(weights, rows, columns, TFormat.TensorScale(Measure(weights, columns)), result);
    }

    /// <summary>Rows packed and unpacked one at a time: the round trip of formats that have no other.</summary>
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

    /// <summary>The error of <see cref="RoundTripRows"/>.</summary>
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

    private static void ThereAndBack(ReadOnlySpan<float> row, int index, float tensorScale, byte[] packed, Span<float> result)
    {
        Span<byte> bytes = packed.AsSpan(0, TFormat.Info.RowBytes(row.Length));
        try
        {
            TFormat.PackRows(row, 1, row.Length, tensorScale, default, bytes);
        }
        catch (NonFiniteWeightException e)
        {
            throw new NonFiniteWeightException(TFormat.Info.Name, index, e.Column, e.Value);
        }
        TFormat.UnpackSegment(bytes, 0, tensorScale, result);
    }

    private static TensorStatistics Measure(ReadOnlySpan<float> weights, int columns)
    {
        if (TFormat.Info.TensorHeader is null)
        {
            return default;
        }
        TensorStatistics statistics = TensorStatistics.Measure(weights);
        MatrixDriver.RequireFinite<TFormat>(statistics, weights, columns);
        return statistics;
    }
}

/// <summary>The parts of the drivers that need no type of their own.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class MatrixDriver
{
    /// <summary>Throws for the first weight of a group that is not finite.</summary>
    /// <param name="format">Name of the format.</param>
    /// <param name="group">The group.</param>
    /// <param name="row">Its row.</param>
    /// <param name="firstColumn">Its first column.</param>
    /// <exception cref="NonFiniteWeightException">Always.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ThrowNonFinite(string format, ReadOnlySpan<float> group, int row, int firstColumn)
    {
        int column = 0;
        while (float.IsFinite(group[column]))
        {
            column++;
        }
        throw new NonFiniteWeightException(format, row, firstColumn + column, group[column]);
    }

    /// <summary>Index of the block that a segment starts with.</summary>
    /// <param name="format">Name of the format.</param>
    /// <param name="column">First column of the segment.</param>
    /// <param name="block">Elements per block.</param>
    /// <exception cref="ArgumentException">The column is not the first of a block.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstBlock(string format, int column, int block)
    {
        if (column < 0 || column % block != 0)
        {
            ThrowNoFirstBlock(format, column, block);
        }
        return column / block;
    }

    /// <summary>Apart, so that the check is inlined and the sentence is not.</summary>
    private static void ThrowNoFirstBlock(string format, int column, int block) =>
        throw new ArgumentException(
            $"{format}: a segment starts at column {column}; it can start at multiples of {block}, "
                + $"for example {Math.Max(0, column) / block * block}.",
            nameof(column)
        );

    /// <summary>Checks the arguments of packing rows.</summary>
    /// <param name="info">The format.</param>
    /// <param name="packed">Receives packed rows.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="weights">Weights.</param>
    /// <returns>Bytes of a row.</returns>
    public static int CheckRows(FormatInfo info, ReadOnlySpan<byte> packed, int rows, int columns, ReadOnlySpan<float> weights)
    {
        CheckShape(rows, columns);
        int rowBytes = info.RowBytes(columns);
        MatrixShape.Require(info, "packed bytes", packed.Length, (long)rows * rowBytes);
        MatrixShape.Require(info, "weights", weights.Length, (long)rows * columns);
        return rowBytes;
    }

    /// <summary>Checks the arguments of packing rows that are padded before.</summary>
    internal static int CheckRows(
        FormatInfo info,
        ReadOnlySpan<byte> packed,
        int rows,
        int paddedColumns,
        ReadOnlySpan<float> weights,
        int columns
    )
    {
        CheckShape(rows, columns);
        int rowBytes = info.RowBytes(paddedColumns);
        MatrixShape.Require(info, "packed bytes", packed.Length, (long)rows * rowBytes);
        MatrixShape.Require(info, "weights", weights.Length, (long)rows * columns);
        return rowBytes;
    }

    /// <summary>Checks the arguments of a round trip over rows.</summary>
    /// <param name="info">The format.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="result">Receives weights.</param>
    public static void CheckRows(FormatInfo info, ReadOnlySpan<float> weights, int rows, int columns, Span<float> result)
    {
        CheckShape(rows, columns);
        MatrixShape.Require(info, "weights", weights.Length, (long)rows * columns);
        MatrixShape.Require(info, "results", result.Length, (long)rows * columns);
    }

    /// <summary>Checks the arguments of a probe.</summary>
    /// <param name="info">The format.</param>
    /// <param name="samples">Samples.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static void CheckRows(FormatInfo info, ReadOnlySpan<float> samples, int rows, int columns)
    {
        CheckShape(rows, columns);
        MatrixShape.Require(info, "samples", samples.Length, (long)rows * columns);
    }

    private static void CheckShape(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
    }

    /// <summary>A bad weight must be named before magnitudes are compared with it.</summary>
    internal static void RequireFinite(FormatInfo info, ReadOnlySpan<float> values, int row)
    {
        if (GroupMath.MagnitudeBits(values) >= GroupMath.NonFinite)
        {
            ThrowNonFinite(info.Name, values, row, 0);
        }
    }

    internal static void RequireFinite<TFormat>(in TensorStatistics statistics, ReadOnlySpan<float> weights, int columns)
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        if (!float.IsFinite(statistics.AbsMax) && !TFormat.Info.HoldsNonFinite)
        {
            int index = 0;
            while (float.IsFinite(weights[index]))
            {
                index++;
            }
            throw new NonFiniteWeightException(TFormat.Info.Name, index / columns, index % columns, weights[index]);
        }
    }

    internal static float WriteHeader<TFormat>(in TensorStatistics statistics, Span<byte> packed)
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        float scale = TFormat.TensorScale(statistics);
        if (TFormat.Info.TensorHeader is { } type)
        {
            ScaleCodec.Write(type, scale, packed);
        }
        return scale;
    }

    internal static float ReadHeader<TFormat>(ReadOnlySpan<byte> packed)
        where TFormat : struct, ICompressedFormat<TFormat> => TFormat.Info.TensorHeader is { } type ? ScaleCodec.Read(type, packed) : 1f;
}
