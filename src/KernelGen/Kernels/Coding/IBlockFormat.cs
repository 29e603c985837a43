using System.ComponentModel;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// A format whose codes do not stand for one element each: vector codebooks, trellises, ternary bytes, sparse blocks, quantised scales. A
/// block is coded as a whole, by the format's <see cref="Codec"/>; <see cref="BlockKernels{TFormat}"/> makes all other members of it.
/// </summary>
/// <typeparam name="TSelf">The declared struct.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IBlockFormat<TSelf> : ICompressedFormat<TSelf>
    where TSelf : struct, IBlockFormat<TSelf>
{
    /// <summary>What codes a block.</summary>
    static abstract BlockCodec Codec { get; }

    static void ICompressedFormat<TSelf>.PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    ) => BlockKernels<TSelf>.PackRows(weights, rows, columns, importance, packed);

    static void ICompressedFormat<TSelf>.UnpackSegment(
        ReadOnlySpan<byte> packedRow,
        int firstColumn,
        float tensorScale,
        Span<float> weights
    ) => BlockKernels<TSelf>.UnpackSegment(packedRow, firstColumn, weights);

    static void ICompressedFormat<TSelf>.RoundTripRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        Span<float> result
    ) => BlockKernels<TSelf>.RoundTripRows(weights, rows, columns, result);

    static ErrorSums ICompressedFormat<TSelf>.Probe(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale) =>
        BlockKernels<TSelf>.Probe(samples, rows, columns);

    static void ICompressedFormat<TSelf>.ReadGroup(
        ReadOnlySpan<byte> packedRow,
        int group,
        float tensorScale,
        Span<byte> codes,
        out float scale,
        out float offset
    ) => TSelf.Codec.ReadGroup(packedRow, group, codes, out scale, out offset);

    static void ICompressedFormat<TSelf>.ReadGroups(
        ReadOnlySpan<byte> packedRow,
        int firstGroup,
        float tensorScale,
        Span<byte> codes,
        Span<float> scales,
        Span<float> offsets
    ) => TSelf.Codec.ReadGroups(packedRow, firstGroup, codes, scales, offsets);

    static void ICompressedFormat<TSelf>.ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow) =>
        BlockKernels<TSelf>.ReferencePackRow(weights, packedRow);

    static void ICompressedFormat<TSelf>.ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        BlockKernels<TSelf>.ReferenceUnpackRow(packedRow, weights);
}
