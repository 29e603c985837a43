using System.ComponentModel;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>A format whose codes stand for one weight each: its members are the kernels of its recipe.</summary>
/// <typeparam name="TSelf">The declared struct.</typeparam>
/// <typeparam name="TRecipe">Its recipe.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IElementFormat<TSelf, TRecipe> : ICompressedFormat<TSelf>
    where TSelf : struct, IElementFormat<TSelf, TRecipe>
    where TRecipe : struct, IElementRecipe<TRecipe>
{
    static float ICompressedFormat<TSelf>.TensorScale(in TensorStatistics statistics) =>
        TSelf.Info.TensorHeader is null ? 1f : ScaleChoice.Whole(TRecipe.Spec, statistics);

    static void ICompressedFormat<TSelf>.PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    ) => ElementKernels<TRecipe>.PackRows(TSelf.Info, weights, rows, columns, tensorScale, importance, packed);

    static void ICompressedFormat<TSelf>.UnpackSegment(
        ReadOnlySpan<byte> packedRow,
        int firstColumn,
        float tensorScale,
        Span<float> weights
    ) => ElementKernels<TRecipe>.UnpackSegment(packedRow, firstColumn, tensorScale, weights);

    static void ICompressedFormat<TSelf>.RoundTripRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        Span<float> result
    ) => ElementKernels<TRecipe>.RoundTripRows(TSelf.Info, weights, rows, columns, tensorScale, result);

    static ErrorSums ICompressedFormat<TSelf>.Probe(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale) =>
        ElementKernels<TRecipe>.Probe(TSelf.Info, samples, rows, columns, tensorScale);

    static void ICompressedFormat<TSelf>.ReadGroup(
        ReadOnlySpan<byte> packedRow,
        int group,
        float tensorScale,
        Span<byte> codes,
        out float scale,
        out float offset
    ) => ElementKernels<TRecipe>.ReadGroup(packedRow, group, tensorScale, codes, out scale, out offset);

    static void ICompressedFormat<TSelf>.ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow) =>
        ElementKernels<TRecipe>.Reference.PackRow(weights, default, tensorScale, 0, packedRow);

    static void ICompressedFormat<TSelf>.ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        ElementKernels<TRecipe>.Reference.UnpackRow(packedRow, tensorScale, weights);
}
