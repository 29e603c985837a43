using KernelGen.Kernels.Products;

namespace KernelGen;

/// <summary>
/// A packed matrix: the bytes of one format and the logical shape. Any shape; rows are padded to whole blocks inside.
/// </summary>
/// <remarks>
/// Products repack the rows in memory when they are first asked for (<see cref="RepackedBytes"/>, often as much as the packed
/// bytes, up to four times as much where codes have one or two bits), which costs some 30 to 70 matvecs and makes each of them several
/// times faster. The first product gives the same bits as all later ones. <see cref="Repacks"/> is for those who cannot spare the memory.
/// Matrices of fewer than 16 rows are not repacked, as their rows would be filled up to 16.
/// </remarks>
public abstract class CompressedMatrix
{
    /// <summary>Fewer rows are multiplied as they are packed.</summary>
    private const int FewestRows = 16;

    private readonly ReadOnlyMemory<byte> _packed;
    private readonly Lock _lock = new();
    private readonly ProductMatrix _asPacked;
    private volatile ProductMatrix? _repacked;
    private volatile bool _triedToRepack;

    private protected CompressedMatrix(CompressedFormat format, ReadOnlyMemory<byte> packed, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        long expected = format.Info.PackedBytes(rows, columns);
        if (packed.Length != expected)
        {
            throw new ArgumentException(
                $"{format.Info.Name}: a {rows} × {columns} matrix has {expected} bytes, not {packed.Length}.",
                nameof(packed)
            );
        }
        (Format, _packed, Rows, Columns) = (format, packed, rows, columns);
        _asPacked = format.AsPacked(packed, rows, columns);
    }

    /// <summary>The format.</summary>
    public CompressedFormat Format { get; }

    /// <summary>Rows: length of the result of a matvec.</summary>
    public int Rows { get; }

    /// <summary>Columns: length of an activation vector.</summary>
    public int Columns { get; }

    /// <summary>The bytes in the format's canonical layout.</summary>
    public ReadOnlyMemory<byte> Packed => _packed;

    /// <summary>Bits per weight of this matrix, padding and headers included.</summary>
    public double BitsPerWeight => 8.0 * _packed.Length / ((double)Rows * Columns);

    /// <summary>
    /// Whether products may repack the rows in memory; true unless it is set. Without, packed rows are decoded in each product: a matvec
    /// takes two to twenty times as long, batches of 32 vectors and more about as long as with.
    /// </summary>
    public bool Repacks { get; set; } = true;

    /// <summary>Bytes that repacked rows add to <see cref="Packed"/>; 0 before the first product, and where nothing is repacked.</summary>
    public long RepackedBytes => _repacked?.Bytes ?? 0;

    /// <summary>
    /// Whether activations can be rounded to bytes: the format's levels are integers times a step and its groups multiples of 16. The first
    /// call repacks the matrix.
    /// </summary>
    public bool HasIntegerKernels => Repacked() is { HasIntegers: true };

    /// <summary>Frees the repacked rows; the next product makes them again if <see cref="Repacks"/> is still set.</summary>
    public void DropRepacked()
    {
        lock (_lock)
        {
            (_repacked, _triedToRepack) = (null, false);
        }
    }

    /// <summary>Decodes the matrix.</summary>
    /// <param name="weights">Receives <c>Rows × Columns</c> values.</param>
    /// <param name="parallelism">How many threads.</param>
    public void Unpack(Memory<float> weights, Parallelism? parallelism = null) =>
        Format.Unpack(_packed, Rows, Columns, weights, parallelism);

    /// <summary>y = W·x in float32, with the error of <see cref="MatVecPrecision.Float"/>.</summary>
    /// <param name="x"><c>Columns</c> activations.</param>
    /// <param name="y">Receives <c>Rows</c> sums.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    public void MatVec(ReadOnlyMemory<float> x, Memory<float> y, Parallelism? parallelism = null) =>
        MatMul(x, 1, y, MatVecPrecision.Float, parallelism);

    /// <summary>Y = X·Wᵀ in float32, with the error of <see cref="MatVecPrecision.Float"/>.</summary>
    /// <param name="x"><c>batch × Columns</c> activations.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × Rows</c> sums.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    public void MatMul(ReadOnlyMemory<float> x, int batch, Memory<float> y, Parallelism? parallelism = null) =>
        MatMul(x, batch, y, MatVecPrecision.Float, parallelism);

    /// <summary>Y = X·Wᵀ in the precision asked for.</summary>
    /// <param name="x"><c>batch × Columns</c> activations, finite ones unless they stay in float32.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × Rows</c> sums.</param>
    /// <param name="precision">How activations are treated.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    /// <exception cref="NotSupportedException">Bytes are asked for, and the format has no integer kernels
    /// (<see cref="HasIntegerKernels"/>), or <see cref="Repacks"/> is false.</exception>
    public void MatMul(ReadOnlyMemory<float> x, int batch, Memory<float> y, MatVecPrecision precision, Parallelism? parallelism = null)
    {
        MatrixShape.CheckProduct(Format.Info, Rows, Columns, _packed.Length, x.Length, batch, y.Length);
        if (batch > 0 && Rows > 0)
        {
            Product(batch, precision).MatMul(x, batch, y, precision, parallelism);
        }
    }

    /// <summary>
    /// Which engine multiplies: <c>managed</c>, or machine code for <c>avx512</c>, <c>vnni</c> or <c>amx</c>. The first call repacks the
    /// matrix as a product would.
    /// </summary>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="precision">How activations are treated.</param>
    public string Engine(int batch, MatVecPrecision precision) => Product(batch, precision).Engine(batch, precision);

    /// <summary>What multiplies so many vectors.</summary>
    private ProductMatrix Product(int batch, MatVecPrecision precision)
    {
        if (precision == MatVecPrecision.Float)
        {
            ProductMatrix? repacked = Repacks && Rows >= FewestRows ? Repacked() : null;
            return repacked is not null && batch <= repacked.MostFloatVectors ? repacked : _asPacked;
        }
        if (!Repacks)
        {
            throw new NotSupportedException(
                $"{Format.Info.Name}: integer products are of repacked rows, and Repacks is false. Set it, or use MatVecPrecision.Float."
            );
        }
        return Repacked()
            ?? throw new NotSupportedException(
                $"{Format.Info.Name} has no integer kernels: its levels are not integers times a step, or its groups are no multiple of "
                    + "16. Use MatVecPrecision.Float."
            );
    }

    private ProductMatrix? Repacked()
    {
        if (!_triedToRepack)
        {
            lock (_lock)
            {
                if (!_triedToRepack)
                {
                    _repacked = Format.Repack(_packed.Span, Rows, Columns);
                    _triedToRepack = true;
                }
            }
        }
        return _repacked;
    }
}
