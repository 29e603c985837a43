namespace KernelGen;

/// <summary>
/// A matrix repacked in memory for integer dot products: rows interleaved by 16, scales apart. Made when a matrix is first
/// used for compute, from any format that has an <see cref="IInt8Recipe"/>; never stored.
/// </summary>
public abstract class Int8Matrix
{
    private protected Int8Matrix(int rows, int columns) => (Rows, Columns) = (rows, columns);

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    /// <summary>Bytes held, scales included.</summary>
    public abstract long Bytes { get; }

    /// <summary>A copy with memory of its own: what a benchmark streams through.</summary>
    internal abstract Int8Matrix Copy();

    /// <summary>Y = X·Wᵀ with activations rounded to bytes.</summary>
    /// <param name="x"><c>batch × Columns</c> finite activations.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × Rows</c> sums.</param>
    /// <param name="twoDigits">Whether each activation keeps two bytes.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    public abstract void MatMul(ReadOnlyMemory<float> x, int batch, Memory<float> y, bool twoDigits = false, Parallelism? parallelism = null);

    /// <summary>Repacks a matrix; null if a scale is not finite. What generated code calls.</summary>
    /// <typeparam name="TFormat">The format.</typeparam>
    /// <typeparam name="TRecipe">How its weights become bytes.</typeparam>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static Int8Matrix? Of<TFormat, TRecipe>(ReadOnlySpan<byte> packed, int rows, int columns)
        where TFormat : struct, ICompressedFormat<TFormat> where TRecipe : struct, IInt8Recipe
    {
        MatrixShape.Check(TFormat.Info, rows, columns, packed.Length, int.MaxValue);
        return rows > 0 ? Int8Storage<TRecipe>.Repack<TFormat>(packed, rows, columns) is { } storage ? new Int8Matrix<TRecipe>(storage) : null : null;
    }
}
