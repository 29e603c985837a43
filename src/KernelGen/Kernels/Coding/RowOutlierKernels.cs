using System.Buffers;
using System.ComponentModel;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// The kernels of a format whose rows hold their outliers in front of the rows of an inner format: see <see cref="RowOutliers"/>. Products
/// are those of the inner format's fused kernels, plus one multiply–add for each outlier.
/// </summary>
/// <typeparam name="TFormat">The declared struct.</typeparam>
/// <typeparam name="TInner">The format of what is left.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RowOutlierKernels<TFormat, TInner>
    where TFormat : struct, ICompressedFormat<TFormat>
    where TInner : struct, ICompressedFormat<TInner>
{
    /// <inheritdoc cref="ICompressedFormat{TSelf}.PackRows"/>
    /// <param name="outliers">The outliers.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="importance">One number per column, or none.</param>
    /// <param name="packed">Receives packed rows.</param>
    public static void PackRows(
        RowOutliers outliers,
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    )
    {
        int rowBytes = MatrixDriver.CheckRows(TFormat.Info, packed, rows, columns, weights),
            padded = Padded(columns),
            section = (int)outliers.Bytes(padded);
        float[] rented = ArrayPool<float>.Shared.Rent(columns);
        try
        {
            Span<float> rest = rented.AsSpan(0, columns);
            for (int r = 0; r < rows; r++)
            {
                ReadOnlySpan<float> row = weights.Slice(r * columns, columns);
                Span<byte> bytes = packed.Slice(r * rowBytes, rowBytes);
                MatrixDriver.RequireFinite(TFormat.Info, row, r);
                row.CopyTo(rest);
                outliers.Extract(rest, padded, bytes);
                TInner.PackRows(rest, 1, columns, tensorScale, importance, bytes[section..]);
                TInner.UnpackSegment(bytes[section..], 0, tensorScale, rest);
                outliers.Store(row, rest, padded, bytes);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.UnpackSegment"/>
    /// <param name="outliers">The outliers.</param>
    /// <param name="packedRow">The packed row, exactly.</param>
    /// <param name="firstColumn">First column.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="weights">Receives weights.</param>
    public static void UnpackSegment(
        RowOutliers outliers,
        ReadOnlySpan<byte> packedRow,
        int firstColumn,
        float tensorScale,
        Span<float> weights
    )
    {
        int padded = PaddedOf(packedRow);
        TInner.UnpackSegment(packedRow[(int)outliers.Bytes(padded)..], firstColumn, tensorScale, weights);
        outliers.Add(packedRow, padded, firstColumn, weights);
    }

    /// <summary>Reads a group of what the blocks hold; outliers are what a repacked matrix finds missing.</summary>
    /// <param name="outliers">The outliers.</param>
    /// <param name="packedRow">The packed row, exactly.</param>
    /// <param name="group">Index of the group.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="codes">Receives codes.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="offset">The offset.</param>
    public static void ReadGroup(
        RowOutliers outliers,
        ReadOnlySpan<byte> packedRow,
        int group,
        float tensorScale,
        Span<byte> codes,
        out float scale,
        out float offset
    ) => TInner.ReadGroup(packedRow[(int)outliers.Bytes(PaddedOf(packedRow))..], group, tensorScale, codes, out scale, out offset);

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReferencePackRow"/>
    /// <param name="outliers">The outliers.</param>
    /// <param name="weights">The row.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="packedRow">Receives the packed row.</param>
    public static void ReferencePackRow(RowOutliers outliers, ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
    {
        int padded = Padded(weights.Length),
            section = (int)outliers.Bytes(padded);
        float[] rest = weights.ToArray();
        outliers.Extract(rest, padded, packedRow);
        TInner.ReferencePackRow(rest, tensorScale, packedRow[section..]);
        TInner.ReferenceUnpackRow(packedRow[section..], tensorScale, rest);
        outliers.Store(weights, rest, padded, packedRow);
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReferenceUnpackRow"/>
    /// <param name="outliers">The outliers.</param>
    /// <param name="packedRow">The packed row.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="weights">Receives the row.</param>
    public static void ReferenceUnpackRow(RowOutliers outliers, ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights)
    {
        int padded = Padded(weights.Length);
        TInner.ReferenceUnpackRow(packedRow[(int)outliers.Bytes(padded)..], tensorScale, weights);
        outliers.Add(packedRow, padded, 0, weights);
    }

    private static int Padded(int columns) => checked((int)(TInner.Info.Blocks(columns) * TInner.Info.Block));

    /// <summary>Columns of a packed row, whole blocks: no two numbers of blocks have rows of the same length.</summary>
    private static int PaddedOf(ReadOnlySpan<byte> packedRow) =>
        checked((int)(TFormat.Info.BlocksIn(packedRow.Length) * TInner.Info.Block));
}
