namespace KernelGen.Models;

/// <summary>A tensor taken as a matrix: rows are its first dimension, columns all others together; a vector is one row.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns, the axis along which groups run.</param>
/// <param name="Count">Number of values.</param>
internal readonly record struct MatrixSizes(long Rows, long Columns, long Count)
{
    public static MatrixSizes Of(IReadOnlyList<long> shape)
    {
        long count = 1;
        foreach (long length in shape)
        {
            count = checked(count * length);
        }
        long rows = shape.Count < 2 ? 1 : shape[0];
        return new(rows, rows == 0 ? 0 : count / rows, count);
    }
}
