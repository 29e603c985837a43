using System.ComponentModel;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>
/// A format as data: rows there and back without generated code, by which declarations are judged before any is compiled. Codes of one
/// element each are the reference coder's, blocks are coded as the kernels code them, so that the values are those of the compiled format.
/// </summary>
/// <param name="block">Elements per block.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RowCoder(int block)
{
    /// <summary>Elements per block.</summary>
    public int Block { get; } = block;

    /// <summary>The scale of a tensor; 1 where it has none.</summary>
    /// <param name="statistics">Statistics of the whole tensor.</param>
    public virtual float TensorScale(in TensorStatistics statistics) => 1f;

    /// <summary>Codes a row and decodes it.</summary>
    /// <param name="row">Finite values, one or more.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <param name="result">Receives as many values; may not be the row itself.</param>
    /// <exception cref="NonFiniteWeightException">A value is NaN or infinite.</exception>
    public abstract void RoundTrip(ReadOnlySpan<float> row, float tensorScale, Span<float> result);

    /// <summary>The error of the rows of a matrix.</summary>
    /// <param name="values"><c>rows × columns</c> values, row-major.</param>
    /// <param name="columns">Columns, 1 or more.</param>
    /// <param name="tensorScale">The tensor's scale.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="columns"/> is less than 1.</exception>
    public ErrorSums Probe(ReadOnlySpan<float> values, int columns, float tensorScale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        float[] result = new float[columns];
        double error = 0;
        for (int at = 0; at + columns <= values.Length; at += columns)
        {
            ReadOnlySpan<float> row = values.Slice(at, columns);
            RoundTrip(row, tensorScale, result);
            for (int i = 0; i < columns; i++)
            {
                double difference = (double)row[i] - result[i];
                error += difference * difference;
            }
        }
        return new ErrorSums(error, TensorStatistics.Measure(values).SumOfSquares, values.Length);
    }

    /// <summary>Codes of one element each.</summary>
    /// <param name="spec">The format.</param>
    public static RowCoder Elements(ElementSpec spec) => new ElementRows(spec);

    /// <summary>Blocks.</summary>
    /// <param name="codec">The coder of a block.</param>
    /// <param name="block">Elements per block.</param>
    /// <param name="blockBytes">Bytes per block.</param>
    public static RowCoder Blocks(BlockCodec codec, int block, int blockBytes) => new CodecRows(codec, block, blockBytes);

    /// <summary>Blocks of which a mask keeps some values.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="kept">Codes the kept values of a block.</param>
    public static RowCoder Sparse(SparseBlock mask, RowCoder kept) => new SparseRows(mask, kept);

    /// <summary>Blocks with outliers.</summary>
    /// <param name="count">Outliers per block.</param>
    /// <param name="type">Type of their values.</param>
    /// <param name="rest">Codes the rest, zeros in their places.</param>
    public static RowCoder Outliers(int count, ScaleType type, RowCoder rest) => new OutlierRows(count, type, rest);

    /// <summary>Rows of which a mask keeps some values.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="kept">Codes the kept values of a row.</param>
    public static RowCoder Chosen(RowMask mask, RowCoder kept) => new MaskedRows(mask, kept);

    /// <summary>Rows with outliers.</summary>
    /// <param name="outliers">The outliers.</param>
    /// <param name="rest">Codes the rest, zeros in their places.</param>
    public static RowCoder Chosen(RowOutliers outliers, RowCoder rest) => new RowsWithOutliers(outliers, rest);

    /// <summary>Rotated rows.</summary>
    /// <param name="rotation">The rotation.</param>
    /// <param name="rotated">Codes rotated rows.</param>
    public static RowCoder Rotated(RowRotation rotation, RowCoder rotated) => new RotatedRows(rotation, rotated);
}
