using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen;

/// <summary>A packed matrix: the bytes of one format and the logical shape. Any shape; rows are padded to whole blocks inside.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
public sealed class CompressedMatrix<TFormat>
    where TFormat : struct, ICompressedFormat<TFormat>
{
    private readonly Memory<byte> _packed;
    private readonly Lazy<RepackedMatrix?> _repacked;

    /// <summary>A matrix over existing bytes, which are not copied.</summary>
    /// <param name="packed">Exactly <see cref="FormatInfo.PackedBytes"/> bytes.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape.</exception>
    public CompressedMatrix(Memory<byte> packed, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        long expected = TFormat.Info.PackedBytes(rows, columns);
        if (packed.Length != expected)
        {
            throw new ArgumentException(
                $"{TFormat.Info.Name}: a {rows} × {columns} matrix has {expected} bytes, not {packed.Length}.",
                nameof(packed)
            );
        }
        _packed = packed;
        _repacked = new(() => TFormat.Repack(_packed.Span, Rows, Columns));
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Rows: length of the result of a matvec.</summary>
    public int Rows { get; }

    /// <summary>Columns: length of an activation vector.</summary>
    public int Columns { get; }

    /// <summary>The bytes in the format's canonical layout.</summary>
    public ReadOnlyMemory<byte> Packed => _packed;

    /// <summary>Bits per weight of this matrix, padding and headers included.</summary>
    public double BitsPerWeight => 8.0 * _packed.Length / ((double)Rows * Columns);

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
    /// <param name="importance">One number per column, or none; without effect where <see cref="FormatInfo.HonoursImportance"/> is false.</param>
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
        long bytes = TFormat.Info.PackedBytes(rows, columns);
        var packed = new byte[bytes];
        CompressedFormat<TFormat>.Instance.Pack(weights, rows, columns, importance, packed, parallelism);
        return new(packed, rows, columns);
    }

    /// <summary>Decodes the matrix.</summary>
    /// <param name="weights">Receives <c>Rows × Columns</c> values.</param>
    /// <param name="parallelism">How many threads.</param>
    public void Unpack(Memory<float> weights, Parallelism? parallelism = null) =>
        CompressedFormat<TFormat>.Instance.Unpack(_packed, Rows, Columns, weights, parallelism);

    /// <summary>y = W·x in float32.</summary>
    /// <param name="x"><c>Columns</c> activations.</param>
    /// <param name="y">Receives <c>Rows</c> sums.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    public void MatVec(ReadOnlyMemory<float> x, Memory<float> y, Parallelism? parallelism = null) =>
        CompressedFormat<TFormat>.Instance.MatVec(_packed, Rows, Columns, x, y, parallelism);

    /// <summary>Y = X·Wᵀ in float32.</summary>
    /// <param name="x"><c>batch × Columns</c> activations.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × Rows</c> sums.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    public void MatMul(ReadOnlyMemory<float> x, int batch, Memory<float> y, Parallelism? parallelism = null) =>
        CompressedFormat<TFormat>.Instance.MatMul(_packed, Rows, Columns, x, batch, y, parallelism);

    /// <summary>
    /// Whether activations can be rounded to bytes: the format's levels are integers times a step and its groups multiples of
    /// 16. The first call repacks the matrix in memory, see <see cref="RepackedMatrix"/>.
    /// </summary>
    public bool HasIntegerKernels => _repacked.Value is { HasIntegers: true };

    /// <summary>Y = X·Wᵀ in the precision asked for.</summary>
    /// <param name="x"><c>batch × Columns</c> finite activations.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × Rows</c> sums.</param>
    /// <param name="precision">How activations are treated.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    /// <exception cref="NotSupportedException">The format has no integer kernels (<see cref="HasIntegerKernels"/>).</exception>
    public void MatMul(ReadOnlyMemory<float> x, int batch, Memory<float> y, MatVecPrecision precision, Parallelism? parallelism = null)
    {
        RepackedMatrix? repacked = _repacked.Value;
        if (precision == MatVecPrecision.Float && (repacked is null || batch > RepackedMatrix.MostFloatVectors))
        {
            MatMul(x, batch, y, parallelism);
            return;
        }
        if (repacked is null)
        {
            throw new NotSupportedException(
                $"{TFormat.Info.Name} has no integer kernels: its levels are not integers times a step, or its groups are no multiple of 16. Use MatVecPrecision.Float."
            );
        }
        repacked.MatMul(x, batch, y, precision, parallelism);
    }
}
