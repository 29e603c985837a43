using System.Buffers;
using System.ComponentModel;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// The kernels of a format that keeps the largest values of every row and codes them by an inner format: see <see cref="RowMask"/>.
/// Products collect the activations of kept places and use the inner format's fused kernels.
/// </summary>
/// <typeparam name="TFormat">The declared struct.</typeparam>
/// <typeparam name="TInner">The format of the kept values.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RowMaskKernels<TFormat, TInner>
    where TFormat : struct, ICompressedFormat<TFormat>
    where TInner : struct, ICompressedFormat<TInner>
{
    /// <inheritdoc cref="ICompressedFormat{TSelf}.PackRows"/>
    /// <param name="mask">The mask.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="importance">One number per column, or none.</param>
    /// <param name="packed">Receives packed rows.</param>
    public static void PackRows(
        RowMask mask,
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    )
    {
        int rowBytes = MatrixDriver.CheckRows(TFormat.Info, packed, rows, columns, weights),
            bitmap = Bitmap(mask, rowBytes),
            count = mask.Kept(columns);
        float[] rented = ArrayPool<float>.Shared.Rent(2 * (count + SparseExpansion.Slack));
        try
        {
            Span<float> kept = rented.AsSpan(0, count + SparseExpansion.Slack),
                keptImportance = rented.AsSpan(kept.Length, kept.Length);
            for (int r = 0; r < rows; r++)
            {
                ReadOnlySpan<float> row = weights.Slice(r * columns, columns);
                Span<byte> bytes = packed.Slice(r * rowBytes, rowBytes);
                MatrixDriver.RequireFinite(TFormat.Info, row, r);
                bytes[..bitmap].Clear();
                SparseBitmap.Select(row, count, bytes);
                SparseExpansion.Collect(row, bytes, kept);
                if (!importance.IsEmpty)
                {
                    SparseExpansion.Collect(importance, bytes, keptImportance);
                }
                TInner.PackRows(
                    kept[..count],
                    1,
                    count,
                    tensorScale,
                    importance.IsEmpty ? default : keptImportance[..count],
                    bytes[bitmap..]
                );
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.UnpackSegment"/>
    /// <param name="mask">The mask.</param>
    /// <param name="packedRow">The packed row, exactly.</param>
    /// <param name="firstColumn">First column.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="weights">Receives weights.</param>
    public static void UnpackSegment(RowMask mask, ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights)
    {
        MatrixDriver.FirstBlock(TInner.Info.Name, firstColumn, mask.Block);
        int bitmap = Bitmap(mask, packedRow.Length),
            room = bitmap / (mask.Block / 8) * TInner.Info.Block;
        ReadOnlySpan<byte> marks = packedRow[(firstColumn / 8)..bitmap];
        // the kept values of the segment, from the start of the block that holds the first of them
        int before = Math.Min(room, RowMask.Marks(packedRow, firstColumn)),
            found = RowMask.Marks(marks, weights.Length);
        int start = before / TInner.Info.Block * TInner.Info.Block,
            end = Math.Min(room, before + found),
            size = before - start + found + SparseExpansion.Slack;
        float[] rented = ArrayPool<float>.Shared.Rent(size);
        try
        {
            Span<float> kept = rented.AsSpan(0, size);
            TInner.UnpackSegment(packedRow[bitmap..], start, tensorScale, kept[..(end - start)]);
            kept[(end - start)..].Clear(); // marks beyond the kept values, in damaged bytes, find zeros
            SparseExpansion.Expand(kept[(before - start)..], marks, weights);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// Reads some columns as codes under one scale, zeros between them. Kept values change their scale anywhere in a row: of the two
    /// scales that meet in these columns the one of more values is taken, the others are what a repacked matrix finds missing.
    /// </summary>
    /// <param name="mask">The mask.</param>
    /// <param name="packedRow">The packed row, exactly.</param>
    /// <param name="group">Index of the columns, as many as there are codes.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="codes">Receives codes.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="offset">Receives 0.</param>
    public static void ReadGroup(
        RowMask mask,
        ReadOnlySpan<byte> packedRow,
        int group,
        float tensorScale,
        Span<byte> codes,
        out float scale,
        out float offset
    )
    {
        (int innerGroup, byte zeroCode) = (mask.Group, mask.ZeroCode);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(innerGroup);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(innerGroup, TInner.Info.Block);
        codes.Fill(zeroCode);
        (scale, offset) = (0f, 0f);
        int bitmap = Bitmap(mask, packedRow.Length),
            groups = bitmap / (mask.Block / 8) * TInner.Info.Block / innerGroup;
        int first = group * codes.Length,
            places = Math.Min(codes.Length, 8 * bitmap - first);
        int next = RowMask.Marks(packedRow, first),
            inner = next / innerGroup,
            marks = RowMask.Marks(packedRow[(first / 8)..], places);
        inner += (inner + 1) * innerGroup - next < marks / 2 ? 1 : 0;
        if (inner >= groups)
        {
            return; // damaged bytes mark more than is there
        }
        Span<byte> kept = stackalloc byte[innerGroup];
        TInner.ReadGroup(packedRow[bitmap..], inner, tensorScale, kept, out scale, out offset);
        for (int i = 0; i < places; i++)
        {
            if ((packedRow[first + i >> 3] >> (first + i & 7) & 1) != 0)
            {
                int at = next++ - inner * innerGroup;
                codes[i] = at >= 0 && at < innerGroup ? kept[at] : zeroCode;
            }
        }
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReferencePackRow"/>
    /// <param name="mask">The mask.</param>
    /// <param name="weights">The row.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="packedRow">Receives the packed row.</param>
    public static void ReferencePackRow(RowMask mask, ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
    {
        int bitmap = Bitmap(mask, TFormat.Info.RowBytes(weights.Length));
        var kept = new float[mask.Kept(weights.Length)];
        packedRow[..bitmap].Clear();
        SparseBitmap.Select(weights, kept.Length, packedRow);
        SparseBitmap.Compress(weights, packedRow, kept);
        TInner.ReferencePackRow(kept, tensorScale, packedRow[bitmap..]);
    }

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReferenceUnpackRow"/>
    /// <param name="mask">The mask.</param>
    /// <param name="packedRow">The packed row.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="weights">Receives the row.</param>
    public static void ReferenceUnpackRow(RowMask mask, ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights)
    {
        int bitmap = Bitmap(mask, TFormat.Info.RowBytes(weights.Length));
        var kept = new float[bitmap / (mask.Block / 8) * TInner.Info.Block];
        TInner.ReferenceUnpackRow(packedRow[bitmap..], tensorScale, kept);
        int next = 0;
        for (int column = 0; column < weights.Length; column++)
        {
            bool marked = (packedRow[column >> 3] >> (column & 7) & 1) != 0;
            weights[column] = marked && next < kept.Length ? kept[next] : 0f;
            next += marked ? 1 : 0;
        }
    }

    private static int Bitmap(RowMask mask, int rowBytes) => mask.Bytes((int)TFormat.Info.BlocksIn(rowBytes));
}
