namespace KernelGen.Kernels.Products;

/// <summary>
/// A matrix of float32 in memory that is read row by row or column by column: element (i, j) is <c>first[i · Row + j · Column]</c>.
/// </summary>
/// <param name="First">Address of the first element; whoever made this keeps it pinned.</param>
/// <param name="Row">Distance of rows.</param>
/// <param name="Column">Distance of columns.</param>
internal readonly unsafe record struct DenseOperand(nint First, nint Row, nint Column)
{
    /// <summary>A row-major matrix, or its transpose.</summary>
    /// <param name="first">First element.</param>
    /// <param name="rows">Rows of the matrix as it is read.</param>
    /// <param name="columns">Columns of the matrix as it is read.</param>
    /// <param name="transposed">Whether memory holds it column by column.</param>
    public static DenseOperand Of(float* first, int rows, int columns, bool transposed) =>
        transposed ? new((nint)first, 1, rows) : new((nint)first, columns, 1);

    /// <summary>The part that begins at an element.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="column">Its column.</param>
    public DenseOperand At(int row, int column) => this with { First = First + (row * Row + column * Column) * sizeof(float) };

    /// <summary>The first element.</summary>
    public ref float Value => ref *(float*)First;
}
