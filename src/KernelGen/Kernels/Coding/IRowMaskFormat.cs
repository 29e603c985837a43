using System.ComponentModel;
using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// A format that keeps the largest values of every row: its members are those of <see cref="RowMaskKernels{TFormat, TInner}"/>.
/// </summary>
/// <typeparam name="TSelf">The declared struct.</typeparam>
/// <typeparam name="TInner">The format of the kept values.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IRowMaskFormat<TSelf, TInner> : ICompressedFormat<TSelf>
    where TSelf : struct, IRowMaskFormat<TSelf, TInner>
    where TInner : struct, ICompressedFormat<TInner>
{
    /// <summary>The mask.</summary>
    static abstract RowMask Chosen { get; }

    static void ICompressedFormat<TSelf>.PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    ) => RowMaskKernels<TSelf, TInner>.PackRows(TSelf.Chosen, weights, rows, columns, tensorScale, importance, packed);

    static void ICompressedFormat<TSelf>.UnpackSegment(
        ReadOnlySpan<byte> packedRow,
        int firstColumn,
        float tensorScale,
        Span<float> weights
    ) => RowMaskKernels<TSelf, TInner>.UnpackSegment(TSelf.Chosen, packedRow, firstColumn, tensorScale, weights);

    static void ICompressedFormat<TSelf>.ReadGroup(
        ReadOnlySpan<byte> packedRow,
        int group,
        float tensorScale,
        Span<byte> codes,
        out float scale,
        out float offset
    ) => RowMaskKernels<TSelf, TInner>.ReadGroup(TSelf.Chosen, packedRow, group, tensorScale, codes, out scale, out offset);

    static void ICompressedFormat<TSelf>.ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow) =>
        RowMaskKernels<TSelf, TInner>.ReferencePackRow(TSelf.Chosen, weights, tensorScale, packedRow);

    static void ICompressedFormat<TSelf>.ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        RowMaskKernels<TSelf, TInner>.ReferenceUnpackRow(TSelf.Chosen, packedRow, tensorScale, weights);
}
