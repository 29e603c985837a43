namespace KernelGen.Models;

/// <summary>The one place where rows of a model are packed.</summary>
internal static class RowPacker
{
    /// <summary>Packs rows into a format.</summary>
    /// <param name="format">The format.</param>
    /// <param name="values"><c>rows × columns</c> values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="scale">The tensor's scale; 1 if the format has none.</param>
    /// <param name="importance">Weight of the error of each column; null if all count the same.</param>
    /// <param name="packed">Receives the rows without tensor header.</param>
    public static void Pack(
        CompressedFormat format,
        ReadOnlySpan<float> values,
        int rows,
        int columns,
        float scale,
        ReadOnlyMemory<float>? importance,
        Span<byte> packed
    ) => format.PackRows(values, rows, columns, scale, importance is { } weights ? weights.Span : default, packed);
}
