using System.Buffers;
using System.ComponentModel;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// The kernels of a format whose rows are rotated before an inner format codes them. A row is padded with zeros to whole
/// rotations; the inner format never sees anything but whole ones.
/// </summary>
/// <remarks>
/// <para>
/// Packing rotates each row; unpacking rotates back, with the same operations in the same order on every vector width.
/// Matvec and matmul rotate the activations, once per call, into a pooled buffer.
/// </para>
/// <para>
/// Error of a matvec. Let a rotation block have s = 2^k columns, w and x the weights (as unpacked) and activations of it,
/// u = 2⁻²⁴. A rotation is one product, whose factor is itself rounded, and k additions per value, each of relative error u
/// and of norm one after scaling, so what it returns is off by at most (k + 2)·u times the norm of what it got. The kernel's
/// sum meets the inner format's bound 4·√K·u·Σ|w̃·x̃| in the rotated basis, where Σ|w̃·x̃| ≤ Σ ‖w‖·‖x‖ over the blocks by Cauchy; the
/// activations are off by (k + 2)·u·‖x‖ and so is what unpacking made of w. Together
/// |error| ≤ (4·√K + 2·k + 4)·2⁻²⁴ · Σ ‖w‖·‖x‖ over rotation blocks, K being the columns with their padding and w the weights with
/// those that the padding decodes to. Σ|w·x| over single columns would not do: it can be far smaller than the sum that the kernel adds up.
/// </para>
/// </remarks>
/// <typeparam name="TInner">The format of the rotated rows.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RotatedKernels<TInner>
    where TInner : struct, ICompressedFormat<TInner>
{
    /// <inheritdoc cref="ICompressedFormat{TSelf}.PackRows"/>
    /// <param name="rotation">The rotation.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="packed">Receives packed rows.</param>
    /// <exception cref="NonFiniteWeightException">A weight is NaN or infinite.</exception>
    /// <exception cref="ArgumentException">Weights are so large that they leave float32 when rotated.</exception>
    public static void PackRows(
        RowRotation rotation,
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        Span<byte> packed
    )
    {
        int padded = Padded(columns, rotation.Size),
            rowBytes = MatrixDriver.CheckRows(TInner.Info, packed, rows, padded, weights, columns);
        float[] rented = ArrayPool<float>.Shared.Rent(padded);
        try
        {
            Span<float> rotated = rented.AsSpan(0, padded);
            for (int r = 0; r < rows; r++)
            {
                Rotate(weights.Slice(r * columns, columns), r, rotation, rotated, reference: false);
                TInner.PackRows(rotated, 1, padded, tensorScale, default, packed.Slice(r * rowBytes, rowBytes));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.UnpackSegment"/>
    /// <param name="rotation">The rotation.</param>
    /// <param name="block">Columns where a segment can start: the larger of rotation and inner block.</param>
    /// <param name="packedRow">The packed row.</param>
    /// <param name="firstColumn">First column.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="weights">Receives weights.</param>
    public static void UnpackSegment(
        RowRotation rotation,
        int block,
        ReadOnlySpan<byte> packedRow,
        int firstColumn,
        float tensorScale,
        Span<float> weights
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(block);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block, Math.Max(HadamardRotation.MaxSize, TInner.Info.Block));
        MatrixDriver.FirstBlock(TInner.Info.Name, firstColumn, block);
        int whole = weights.Length / block * block,
            rest = weights.Length - whole;
        Span<float> all = weights[..whole];
        if (whole > 0)
        {
            TInner.UnpackSegment(packedRow, firstColumn, tensorScale, all);
            HadamardRotation.Inverse(all, rotation.Size, rotation.Seed, firstColumn);
        }
        if (rest > 0)
        {
            Span<float> last = stackalloc float[block];
            last = last[..Padded(rest, rotation.Size)];
            TInner.UnpackSegment(packedRow, firstColumn + whole, tensorScale, last);
            HadamardRotation.Inverse(last, rotation.Size, rotation.Seed, firstColumn + whole);
            last[..rest].CopyTo(weights[whole..]);
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.RoundTripRows"/>
    /// <param name="rotation">The rotation.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="result">Receives weights.</param>
    public static void RoundTripRows(
        RowRotation rotation,
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        Span<float> result
    )
    {
        MatrixDriver.CheckRows(TInner.Info, weights, rows, columns, result);
        int padded = Padded(columns, rotation.Size);
        float[] rented = ArrayPool<float>.Shared.Rent(padded);
        try
        {
            Span<float> rotated = rented.AsSpan(0, padded);
            for (int r = 0; r < rows; r++)
            {
                ThereAndBack(rotation, weights.Slice(r * columns, columns), r, tensorScale, rotated);
                rotated[..columns].CopyTo(result[(r * columns)..]);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.Repack"/>
    /// <param name="rotation">The rotation.</param>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static ProductMatrix? Repack(RowRotation rotation, ReadOnlySpan<byte> packed, int rows, int columns) =>
        TInner.Repack(packed, rows, Padded(columns, rotation.Size)) is { } rotated
            ? new RotatedMatrix(rotated, columns, rotation.Size, rotation.Seed)
            : null;

    /// <inheritdoc cref="ICompressedFormat{TSelf}.AsPacked"/>
    /// <param name="rotation">The rotation.</param>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static ProductMatrix AsPacked(RowRotation rotation, ReadOnlyMemory<byte> packed, int rows, int columns) =>
        new RotatedMatrix(TInner.AsPacked(packed, rows, Padded(columns, rotation.Size)), columns, rotation.Size, rotation.Seed);

    /// <inheritdoc cref="ICompressedFormat{TSelf}.Probe"/>
    /// <param name="rotation">The rotation.</param>
    /// <param name="samples">Samples.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    public static ErrorSums Probe(RowRotation rotation, ReadOnlySpan<float> samples, int rows, int columns, float tensorScale)
    {
        MatrixDriver.CheckRows(TInner.Info, samples, rows, columns);
        int padded = Padded(columns, rotation.Size);
        float[] rented = ArrayPool<float>.Shared.Rent(padded);
        double error = 0,
            square = 0;
        try
        {
            Span<float> rotated = rented.AsSpan(0, padded);
            for (int r = 0; r < rows; r++)
            {
                ReadOnlySpan<float> row = samples.Slice(r * columns, columns);
                square += TensorStatistics.Measure(row).SumOfSquares;
                ThereAndBack(rotation, row, r, tensorScale, rotated);
                for (int i = 0; i < columns; i++)
                {
                    double difference = (double)row[i] - rotated[i];
                    error += difference * difference;
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
        return new ErrorSums(error, square, (long)rows * columns);
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReferencePackRow"/>
    /// <param name="rotation">The rotation.</param>
    /// <param name="weights">The row.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="packedRow">Receives the packed row.</param>
    public static void ReferencePackRow(RowRotation rotation, ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
    {
        float[] rotated = new float[Padded(weights.Length, rotation.Size)];
        Rotate(weights, 0, rotation, rotated, reference: true);
        TInner.ReferencePackRow(rotated, tensorScale, packedRow);
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReferenceUnpackRow"/>
    /// <param name="rotation">The rotation.</param>
    /// <param name="packedRow">The packed row.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="weights">Receives the row.</param>
    public static void ReferenceUnpackRow(RowRotation rotation, ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights)
    {
        float[] rotated = new float[Padded(weights.Length, rotation.Size)];
        TInner.ReferenceUnpackRow(packedRow, tensorScale, rotated);
        HadamardRotation.Reference(rotated, rotation.Size, rotation.Seed, inverse: true);
        rotated.AsSpan(0, weights.Length).CopyTo(weights);
    }

    /// <summary>Columns with the zeros that fill the last rotation.</summary>
    private static int Padded(int columns, int size)
    {
        HadamardRotation.Check(size);
        return checked((int)(((long)columns + size - 1) / size * size));
    }

    private static void ThereAndBack(RowRotation rotation, ReadOnlySpan<float> row, int index, float tensorScale, Span<float> rotated)
    {
        Rotate(row, index, rotation, rotated, reference: false);
        TInner.RoundTripRows(rotated, 1, rotated.Length, tensorScale, rotated);
        HadamardRotation.Inverse(rotated, rotation.Size, rotation.Seed);
    }

    private static void Rotate(ReadOnlySpan<float> row, int index, RowRotation rotation, Span<float> rotated, bool reference)
    {
        // A rotation would smear a bad weight over its block and hide where it was.
        if (GroupMath.MagnitudeBits(row) >= GroupMath.NonFinite)
        {
            MatrixDriver.ThrowNonFinite(TInner.Info.Name, row, index, 0);
        }
        row.CopyTo(rotated);
        rotated[row.Length..].Clear();
        if (reference)
        {
            HadamardRotation.Reference(rotated, rotation.Size, rotation.Seed, inverse: false);
        }
        else
        {
            HadamardRotation.Forward(rotated, rotation.Size, rotation.Seed);
        }
        if (GroupMath.MagnitudeBits(rotated) >= GroupMath.NonFinite)
        {
            throw new ArgumentException(
                $"{TInner.Info.Name}: row {index} holds weights of up to "
                    + $"{BitConverter.UInt32BitsToSingle(GroupMath.MagnitudeBits(row)):G3}, "
                    + $"which leave float32 when {rotation.Size} of them are rotated: they stay inside up to "
                    + $"{float.MaxValue / MathF.Sqrt(rotation.Size):G3}.",
                nameof(row)
            );
        }
    }
}
