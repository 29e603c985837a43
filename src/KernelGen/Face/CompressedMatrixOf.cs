using KernelGen.Kernels.Elements;

namespace KernelGen;

/// <inheritdoc/>
/// <typeparam name="TFormat">The format.</typeparam>
public sealed class CompressedMatrix<TFormat> : CompressedMatrix
    where TFormat : struct, ICompressedFormat<TFormat>
{
    /// <summary>A matrix over existing bytes, which are not copied.</summary>
    /// <param name="packed">Exactly <see cref="FormatInfo.PackedBytes"/> bytes.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape.</exception>
    public CompressedMatrix(ReadOnlyMemory<byte> packed, int rows, int columns)
        : base(CompressedFormat<TFormat>.Instance, packed, rows, columns) { }

    /// <summary>Packs weights.</summary>
    /// <param name="weights"><c>rows × columns</c> values, row-major.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="parallelism">How many threads, who may cancel, who hears of progress.</param>
    /// <exception cref="NonFiniteWeightException">A weight is NaN or infinite and the format cannot hold it.</exception>
    public static CompressedMatrix<TFormat> Pack(ReadOnlyMemory<float> weights, int rows, int columns, Parallelism? parallelism = null) =>
        Pack(weights, rows, columns, default, parallelism);

    /// <summary>Packs weights whose columns are not equally important; see <see cref="ColumnImportance"/>.</summary>
    /// <param name="weights"><c>rows × columns</c> values, row-major.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="importance">One number per column, or none; without effect where <see cref="FormatInfo.HonoursImportance"/> is
    /// false.</param>
    /// <param name="parallelism">How many threads, who may cancel, who hears of progress.</param>
    /// <exception cref="NonFiniteWeightException">A weight is NaN or infinite and the format cannot hold it.</exception>
    /// <exception cref="ArgumentException">There are not as many numbers as columns, or one is negative, NaN or infinite.</exception>
    public static CompressedMatrix<TFormat> Pack(
        ReadOnlyMemory<float> weights,
        int rows,
        int columns,
        ReadOnlyMemory<float> importance,
        Parallelism? parallelism = null
    )
    {
        var packed = new byte[TFormat.Info.PackedBytes(rows, columns)];
        CompressedFormat<TFormat>.Instance.Pack(weights, rows, columns, importance, packed, parallelism);
        return new(packed, rows, columns);
    }
}
