using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Recipes;

namespace KernelGen;

/// <summary>
/// What the generator implements for every declared format. All members are static: a format is a type argument, so that the JIT
/// compiles each kernel for each format. A format written by hand needs <see cref="Info"/>, <see cref="PackRows"/> and
/// <see cref="UnpackSegment"/>; all other members follow from them.
/// </summary>
/// <remarks>
/// <para>
/// A matrix is <c>rows × columns</c>, row-major; <c>columns</c> is the contracted axis. Packed it is
/// <c>[tensor header][row 0][row 1]…</c>; a row is <c>[row header][block 0][block 1]…</c>; the last block of a row is
/// padded where <c>columns</c> is no multiple of the block. <see cref="FormatInfo"/> has the sizes. All numbers are
/// little-endian.
/// </para>
/// <para>
/// Members named <c>…Rows</c> work on packed rows without the tensor header, so that a driver can hand out ranges of
/// rows; <c>tensorScale</c> is the decoded tensor header, 1 for formats that have none. They check lengths, not values,
/// except that packing refuses non-finite weights. The others take and return whole matrices.
/// </para>
/// </remarks>
/// <typeparam name="TSelf">The declared struct.</typeparam>
public interface ICompressedFormat<TSelf>
    where TSelf : struct, ICompressedFormat<TSelf>
{
    /// <summary>The format's constants: name, bits per weight, sizes, stages, levels.</summary>
    static abstract FormatInfo Info { get; }

    /// <summary>Packs whole rows.</summary>
    /// <param name="weights"><c>rows × columns</c> values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The result of <see cref="TensorScale"/>.</param>
    /// <param name="importance">One finite number of 0 or more per column, or none; formats that do not search take no notice.</param>
    /// <param name="packed">Receives <c>rows × Info.RowBytes(columns)</c> bytes.</param>
    /// <exception cref="NonFiniteWeightException">A weight is NaN or infinite and the format cannot hold it.</exception>
    static abstract void PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    );

    /// <summary>Decodes part of one packed row.</summary>
    /// <param name="packedRow">The packed row.</param>
    /// <param name="firstColumn">First column to decode; a multiple of <see cref="FormatInfo.Block"/>.</param>
    /// <param name="tensorScale">The decoded tensor header.</param>
    /// <param name="weights">Receives columns <c>firstColumn … firstColumn + weights.Length − 1</c>.</param>
    static abstract void UnpackSegment(ReadOnlySpan<byte> packedRow, int firstColumn, float tensorScale, Span<float> weights);

    /// <summary>Packs a matrix.</summary>
    /// <param name="weights"><c>rows × columns</c> values, row-major.</param>
    /// <param name="rows">Rows, 0 or more.</param>
    /// <param name="columns">Columns, 1 or more.</param>
    /// <param name="packed">Receives <see cref="FormatInfo.PackedBytes"/> bytes.</param>
    /// <exception cref="NonFiniteWeightException">A weight is NaN or infinite and the format cannot hold it.</exception>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    static virtual void Pack(ReadOnlySpan<float> weights, int rows, int columns, Span<byte> packed) =>
        MatrixDriver<TSelf>.Pack(weights, rows, columns, packed);

    /// <summary>Packs a matrix whose columns are not equally important; see <see cref="ColumnImportance"/>.</summary>
    /// <param name="weights"><c>rows × columns</c> values, row-major.</param>
    /// <param name="rows">Rows, 0 or more.</param>
    /// <param name="columns">Columns, 1 or more.</param>
    /// <param name="importance">
    /// One number per column, which weighs squared errors wherever the encoder searches. None, or equal ones, give the bytes of
    /// packing without; so does every format with <see cref="FormatInfo.HonoursImportance"/> false, which does not search.
    /// </param>
    /// <param name="packed">Receives <see cref="FormatInfo.PackedBytes"/> bytes.</param>
    /// <exception cref="NonFiniteWeightException">A weight is NaN or infinite and the format cannot hold it.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length, or an importance is negative, NaN or infinite.</exception>
    static virtual void Pack(ReadOnlySpan<float> weights, int rows, int columns, ReadOnlySpan<float> importance, Span<byte> packed) =>
        MatrixDriver<TSelf>.Pack(weights, rows, columns, importance, packed);

    /// <summary>Decodes a packed matrix, bit for bit as the reference decoder does.</summary>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="weights">Receives <c>rows × columns</c> values.</param>
    static virtual void Unpack(ReadOnlySpan<byte> packed, int rows, int columns, Span<float> weights) =>
        MatrixDriver<TSelf>.Unpack(packed, rows, columns, weights);

    /// <summary>What unpacking the packed weights gives, without making the bytes.</summary>
    /// <param name="weights"><c>rows × columns</c> values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="result">Receives <c>rows × columns</c> values; may be <paramref name="weights"/> itself.</param>
    static virtual void RoundTrip(ReadOnlySpan<float> weights, int rows, int columns, Span<float> result) =>
        MatrixDriver<TSelf>.RoundTrip(weights, rows, columns, result);

    /// <summary>The tensor-wide scale that packing a tensor with these statistics uses, as stored; 1 if the format has none.</summary>
    /// <param name="statistics">Statistics of all weights of the tensor.</param>
    static virtual float TensorScale(in TensorStatistics statistics) => 1f;

    /// <summary>Fused quantise–dequantise of whole rows.</summary>
    /// <param name="weights"><c>rows × columns</c> values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The result of <see cref="TensorScale"/>.</param>
    /// <param name="result">Receives <c>rows × columns</c> values; may be <paramref name="weights"/> itself.</param>
    static virtual void RoundTripRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<float> result) =>
        MatrixDriver<TSelf>.RoundTripRows(weights, rows, columns, tensorScale, result);

    /// <summary>
    /// The capacity probe: quantises and dequantises rows and returns the squared error and the squared values, without writing anything.
    /// </summary>
    /// <param name="samples"><c>rows × columns</c> finite values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The result of <see cref="TensorScale"/>.</param>
    static virtual ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns, float tensorScale) =>
        MatrixDriver<TSelf>.Probe(samples, rows, columns, tensorScale);

    /// <summary>The matrix repacked in memory for products; null if the format has no layout for that, or a scale is not finite.</summary>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    static virtual ProductMatrix? Repack(ReadOnlySpan<byte> packed, int rows, int columns) => null;

    /// <summary>The matrix multiplied as it is packed: rows are decoded as they are needed.</summary>
    /// <param name="packed">The packed matrix, which is not copied.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    static virtual ProductMatrix AsPacked(ReadOnlyMemory<byte> packed, int rows, int columns) =>
        PackedMatrix.Of<TSelf>(packed, rows, columns);

    /// <summary>
    /// Reads one group as codes, from which a matrix is repacked: weight i is
    /// <c>Info.Levels[codes[i]] · scale + offset</c>. Only where there is an <see cref="IInt8Recipe"/>.
    /// </summary>
    /// <param name="packedRow">The packed row.</param>
    /// <param name="group">Index of the group in its row; where scales are not per group, a group is a block.</param>
    /// <param name="tensorScale">The decoded tensor header.</param>
    /// <param name="codes">Receives the codes of the group, one a byte.</param>
    /// <param name="scale">The scale, all levels of scales multiplied; 1 if there is none.</param>
    /// <param name="offset">The offset; 0 if there is none.</param>
    static virtual void ReadGroup(
        ReadOnlySpan<byte> packedRow,
        int group,
        float tensorScale,
        Span<byte> codes,
        out float scale,
        out float offset
    ) => throw new InvalidOperationException("This format has no integer kernels.");

    /// <summary>Reads neighbouring groups as codes, see <see cref="ReadGroup"/>: what repacking calls.</summary>
    /// <param name="packedRow">The packed row.</param>
    /// <param name="firstGroup">The first group, which starts a block.</param>
    /// <param name="tensorScale">The decoded tensor header.</param>
    /// <param name="codes">Receives the codes of whole blocks, one a byte.</param>
    /// <param name="scales">Receives a scale for every group of them.</param>
    /// <param name="offsets">Receives an offset for every group.</param>
    static virtual void ReadGroups(
        ReadOnlySpan<byte> packedRow,
        int firstGroup,
        float tensorScale,
        Span<byte> codes,
        Span<float> scales,
        Span<float> offsets
    )
    {
        int group = codes.Length / scales.Length;
        for (int g = 0; g < scales.Length; g++)
        {
            TSelf.ReadGroup(packedRow, firstGroup + g, tensorScale, codes.Slice(g * group, group), out scales[g], out offsets[g]);
        }
    }

    /// <summary>
    /// The scalar reference encoder, the oracle of every packing kernel: one row. Without one of its own a format is its own oracle.
    /// </summary>
    /// <param name="weights">The row's finite values.</param>
    /// <param name="tensorScale">The result of <see cref="TensorScale"/>.</param>
    /// <param name="packedRow">Receives <c>Info.RowBytes(weights.Length)</c> bytes.</param>
    static virtual void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow) =>
        TSelf.PackRows(weights, 1, weights.Length, tensorScale, default, packedRow);

    /// <summary>The scalar reference decoder, the oracle of every other kernel: one row.</summary>
    /// <param name="packedRow">The packed row.</param>
    /// <param name="tensorScale">The decoded tensor header.</param>
    /// <param name="weights">Receives the row's values.</param>
    static virtual void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights) =>
        TSelf.UnpackSegment(packedRow, 0, tensorScale, weights);
}
