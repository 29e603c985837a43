using System.ComponentModel;
using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// What the generator implements for formats whose codes do not stand for one element each: vector codebooks, trellises,
/// ternary bytes, sparse blocks, quantised scales. A block is coded as a whole; <see cref="BlockKernels{TFormat}"/> makes
/// all other kernels of it.
/// </summary>
/// <typeparam name="TSelf">The declared struct.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IBlockCodec<TSelf> : ICompressedFormat<TSelf>
    where TSelf : struct, IBlockCodec<TSelf>
{
    /// <summary>Encodes one block, its scales included.</summary>
    /// <param name="values">The block's values; fewer than a block at the end of a row, where the rest counts as zero and enters no scale.</param>
    /// <param name="row">Row, for messages.</param>
    /// <param name="column">First column, for messages.</param>
    /// <param name="block">Receives the block's bytes; need not be clear.</param>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    static abstract void EncodeBlock(ReadOnlySpan<float> values, int row, int column, Span<byte> block);

    /// <summary>Encodes one block whose elements are not equally important; formats that do not search take no notice.</summary>
    /// <param name="values">The block's values, or fewer at the end of a row.</param>
    /// <param name="importance">A weight for every element of a whole block, 0 for the missing ones, as <see cref="ColumnImportance.Of"/> makes them.</param>
    /// <param name="row">Row, for messages.</param>
    /// <param name="column">First column, for messages.</param>
    /// <param name="block">Receives the block's bytes; need not be clear.</param>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    static virtual void EncodeBlock(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block) =>
        TSelf.EncodeBlock(values, row, column, block);

    /// <summary>Decodes one block, bit for bit as the reference decoder does.</summary>
    /// <param name="block">The block's bytes.</param>
    /// <param name="values">Receives all values of the block.</param>
    static abstract void DecodeBlock(ReadOnlySpan<byte> block, Span<float> values);

    /// <summary>The scalar reference of <see cref="EncodeBlock(ReadOnlySpan{float}, int, int, Span{byte})"/>.</summary>
    /// <param name="values">The block's values, or fewer at the end of a row.</param>
    /// <param name="row">Row, for messages.</param>
    /// <param name="column">First column, for messages.</param>
    /// <param name="block">Receives the block's bytes; need not be clear.</param>
    static abstract void ReferenceEncodeBlock(ReadOnlySpan<float> values, int row, int column, Span<byte> block);

    /// <summary>The scalar reference of <see cref="DecodeBlock"/>.</summary>
    /// <param name="block">The block's bytes.</param>
    /// <param name="values">Receives all values of the block.</param>
    static abstract void ReferenceDecodeBlock(ReadOnlySpan<byte> block, Span<float> values);
}
