namespace KernelGen.Models;

/// <summary>
/// A tensor of any rank taken as a matrix whose columns are the axis that a product sums over: the last dimension, or, where that
/// is the small window of a convolution, the trailing dimensions that make <see cref="FewestColumns"/> or more together. Rows
/// are all dimensions before, so stacked experts [experts, outputs, inputs] have experts × outputs rows. A vector is one row.
/// </summary>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns, the axis along which groups run.</param>
/// <param name="Count">Number of values.</param>
internal readonly record struct MatrixSizes(long Rows, long Columns, long Count)
{
    /// <summary>Columns below which the dimension before is taken with them: the smallest group of most formats.</summary>
    private const int FewestColumns = 32;

    public static MatrixSizes Of(IReadOnlyList<long> shape)
    {
        if (shape.Count == 0)
        {
            return new(1, 1, 1);
        }
        int first = shape.Count - 1;
        long columns = shape[first];
        while (first > 1 && columns is > 0 and < FewestColumns)
        {
            columns = checked(columns * shape[--first]);
        }
        long rows = 1;
        for (int i = 0; i < first; i++)
        {
            // A zero length anywhere leaves no values.
            rows = rows == 0 || shape[i] == 0 ? 0 : checked(rows * shape[i]);
        }
        return new(rows, columns, rows == 0 || columns == 0 ? 0 : checked(rows * columns));
    }
}
