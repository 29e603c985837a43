using System.ComponentModel;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>A rotation of rows.</summary>
/// <param name="Size">Columns that are rotated together.</param>
/// <param name="Seed">Seed of its signs.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct RowRotation(int Size, uint Seed);

/// <summary>
/// A format whose rows are rotated before another one codes them: its members are those of <see cref="RotatedKernels{TInner}"/>.
/// </summary>
/// <typeparam name="TSelf">The declared struct.</typeparam>
/// <typeparam name="TInner">The format of the rotated rows.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IRotatedFormat<TSelf, TInner> : ICompressedFormat<TSelf>
    where TSelf : struct, IRotatedFormat<TSelf, TInner>
    where TInner : struct, ICompressedFormat<TInner>
{
    /// <summary>The rotation.</summary>
    static abstract RowRotation Rotation { get; }

    static float ICompressedFormat<TSelf>.TensorScale(in TensorStatistics statistics) => TInner.TensorScale(statistics);

    static void ICompressedFormat<TSelf>.PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    ) => RotatedKernels<TInner>.PackRows(TSelf.Rotation, weights, rows, columns, tensorScale, packed);

    static void ICompressedFormat<TSelf>.UnpackSegment(
        ReadOnlySpan<byte> packedRow,
        int firstColumn,
        float tensorScale,
        Span<float> weights
    ) => RotatedKernels<TInner>.UnpackSegment(TSelf.Rotation, TSelf.Info.Block, packedRow, firstColumn, tensorScale, weights);

    static void ICompressedFormat<TSelf>.RoundTripRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        Span<float> result
    ) => RotatedKernels<TInner>.RoundTripRows(TSelf.Rotation, weights, rows, columns, tensorScale, result);

    static ErrorSums ICompressedFormat<TSelf>.Probe(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale) =>
        RotatedKernels<TInner>.Probe(TSelf.Rotation, samples, rows, columns, tensorScale);

    static ProductMatrix? ICompressedFormat<TSelf>.Repack(ReadOnlySpan<byte> packed, int rows, int columns) =>
        RotatedKernels<TInner>.Repack(TSelf.Rotation, packed, rows, columns);

    static ProductMatrix ICompressedFormat<TSelf>.AsPacked(ReadOnlyMemory<byte> packed, int rows, int columns) =>
        RotatedKernels<TInner>.AsPacked(TSelf.Rotation, packed, rows, columns);

    static void ICompressedFormat<TSelf>.ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow) =>
        RotatedKernels<TInner>.ReferencePackRow(TSelf.Rotation, weights, tensorScale, packedRow);

    static void ICompressedFormat<TSelf>.ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        RotatedKernels<TInner>.ReferenceUnpackRow(TSelf.Rotation, packedRow, tensorScale, weights);
}
