using System.ComponentModel;

namespace KernelGen.Kernels.Coding;

/// <summary>The members of a format that is nested in another one, by whichever interface it has them.</summary>
/// <typeparam name="TFormat">The nested format.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Nested<TFormat>
    where TFormat : struct, ICompressedFormat<TFormat>
{
    /// <inheritdoc cref="ICompressedFormat{TSelf}.TensorScale"/>
    public static float TensorScale(in TensorStatistics statistics) => TFormat.TensorScale(statistics);

    /// <inheritdoc cref="ICompressedFormat{TSelf}.PackRows(ReadOnlySpan{float}, int, int, float, Span{byte})"/>
    public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<byte> packed) =>
        TFormat.PackRows(weights, rows, columns, tensorScale, packed);

    /// <inheritdoc cref="ICompressedFormat{TSelf}.PackRows(ReadOnlySpan{float}, int, int, float, ReadOnlySpan{float}, Span{byte})"/>
    public static void PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    ) => TFormat.PackRows(weights, rows, columns, tensorScale, importance, packed);

    /// <inheritdoc cref="ICompressedFormat{TSelf}.UnpackSegment"/>
    public static void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights) =>
        TFormat.UnpackSegment(packedRow, firstColumn, tensorScale, weights);

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReadGroup"/>
    public static void ReadGroup(
        ReadOnlySpan<byte> packedRow,
        int group,
        float tensorScale,
        Span<byte> codes,
        out float scale,
        out float offset
    ) => TFormat.ReadGroup(packedRow, group, tensorScale, codes, out scale, out offset);

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReferencePackRow"/>
    public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow) =>
        TFormat.ReferencePackRow(weights, tensorScale, packedRow);

    /// <inheritdoc cref="ICompressedFormat{TSelf}.ReferenceUnpackRow"/>
    public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        TFormat.ReferenceUnpackRow(packedRow, tensorScale, weights);
}
