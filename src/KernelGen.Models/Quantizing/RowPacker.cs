namespace KernelGen.Models;

/// <summary>The one place where rows of a model are packed.</summary>
internal static class RowPacker
{
    /// <summary>Packs rows into a format.</summary>
    /// <param name="format">The format.</param>
    /// <param name="values"><c>rows × columns</c> values.</param>
    /// <param name="first">Number of the first row in its tensor.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="scale">The tensor's scale; 1 if the format has none.</param>
    /// <param name="importance">Weights of the columns' errors; null if all count the same.</param>
    /// <param name="packed">Receives the rows without tensor header.</param>
    public static void Pack(
        CompressedFormat format,
        ReadOnlySpan<float> values,
        long first,
        int rows,
        float scale,
        ColumnImportance? importance,
        Span<byte> packed
    )
    {
        int columns = values.Length / rows;
        if (importance is null)
        {
            format.PackRows(values, rows, columns, scale, default, packed);
            return;
        }
        int rowBytes = format.Info.RowBytes(columns);
        foreach ((int start, int count, ReadOnlyMemory<float> weights) in importance.Runs(first, rows))
        {
            format.PackRows(
                values.Slice(start * columns, count * columns),
                count,
                columns,
                scale,
                weights.Span,
                packed.Slice(start * rowBytes, count * rowBytes)
            );
        }
    }
}
