using System.ComponentModel;
using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// A format that keeps the outliers of every row apart: its members are those of <see cref="RowOutlierKernels{TFormat, TInner}"/>.
/// </summary>
/// <typeparam name="TSelf">The declared struct.</typeparam>
/// <typeparam name="TInner">The format of what is left.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IRowOutlierFormat<TSelf, TInner> : ICompressedFormat<TSelf>
    where TSelf : struct, IRowOutlierFormat<TSelf, TInner>
    where TInner : struct, ICompressedFormat<TInner>
{
    /// <summary>The outliers.</summary>
    static abstract RowOutliers Chosen { get; }

    static void ICompressedFormat<TSelf>.PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    ) => RowOutlierKernels<TSelf, TInner>.PackRows(TSelf.Chosen, weights, rows, columns, tensorScale, importance, packed);

    static void ICompressedFormat<TSelf>.UnpackSegment(
        ReadOnlySpan<byte> packedRow,
        int firstColumn,
        float tensorScale,
        Span<float> weights
    ) => RowOutlierKernels<TSelf, TInner>.UnpackSegment(TSelf.Chosen, packedRow, firstColumn, tensorScale, weights);

    static void ICompressedFormat<TSelf>.ReadGroup(
        ReadOnlySpan<byte> packedRow,
        int group,
        float tensorScale,
        Span<byte> codes,
        out float scale,
        out float offset
    ) => RowOutlierKernels<TSelf, TInner>.ReadGroup(TSelf.Chosen, packedRow, group, tensorScale, codes, out scale, out offset);

    static void ICompressedFormat<TSelf>.ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow) =>
        RowOutlierKernels<TSelf, TInner>.ReferencePackRow(TSelf.Chosen, weights, tensorScale, packedRow);

    static void ICompressedFormat<TSelf>.ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        RowOutlierKernels<TSelf, TInner>.ReferenceUnpackRow(TSelf.Chosen, packedRow, tensorScale, weights);
}
