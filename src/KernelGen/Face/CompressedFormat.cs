using System.ComponentModel;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen;

/// <summary>
/// A declared format as an object, for code that chooses formats at run time. Each call goes to the generated kernels
/// of one format; work on whole matrices is spread over rows and gives the same bytes for any number of threads.
/// </summary>
public abstract class CompressedFormat
{
    private protected CompressedFormat(FormatInfo info, Type declaration)
    {
        Info = info;
        Declaration = declaration;
    }

    /// <summary>The format's constants.</summary>
    public FormatInfo Info { get; }

    /// <summary>The declared struct.</summary>
    public Type Declaration { get; }

    /// <summary>The object for a declared format.</summary>
    /// <typeparam name="TFormat">The declared struct.</typeparam>
    public static CompressedFormat Of<TFormat>()
        where TFormat : struct, ICompressedFormat<TFormat> => CompressedFormat<TFormat>.Instance;

    /// <inheritdoc cref="ICompressedFormat{TSelf}.TensorScale"/>
    public abstract float TensorScale(in TensorStatistics statistics);

    /// <summary>Packs a matrix.</summary>
    /// <param name="weights"><c>rows × columns</c> values, row-major.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="packed">Receives <see cref="FormatInfo.PackedBytes"/> bytes.</param>
    /// <param name="parallelism">How many threads, who may cancel, who hears of progress.</param>
    /// <exception cref="NonFiniteWeightException">A weight is NaN or infinite and the format cannot hold it.</exception>
    public abstract void Pack(ReadOnlyMemory<float> weights, int rows, int columns, Memory<byte> packed, Parallelism? parallelism = null);

    /// <summary>Packs a matrix whose columns are not equally important; see <see cref="ColumnImportance"/>.</summary>
    /// <param name="weights"><c>rows × columns</c> values, row-major.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="importance">One number per column, or none; without effect where <see cref="FormatInfo.HonoursImportance"/> is
    /// false.</param>
    /// <param name="packed">Receives <see cref="FormatInfo.PackedBytes"/> bytes.</param>
    /// <param name="parallelism">How many threads, who may cancel, who hears of progress.</param>
    /// <exception cref="NonFiniteWeightException">A weight is NaN or infinite and the format cannot hold it.</exception>
    /// <exception cref="ArgumentException">There are not as many numbers as columns, or one is negative, NaN or infinite.</exception>
    public abstract void Pack(
        ReadOnlyMemory<float> weights,
        int rows,
        int columns,
        ReadOnlyMemory<float> importance,
        Memory<byte> packed,
        Parallelism? parallelism = null
    );

    /// <summary>Packs some rows of a matrix on the calling thread, for matrices that are never in memory as a whole.</summary>
    /// <param name="weights"><c>rows × columns</c> values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The result of <see cref="TensorScale"/> for the whole matrix.</param>
    /// <param name="importance">One number per column, or none; without effect where <see cref="FormatInfo.HonoursImportance"/> is
    /// false.</param>
    /// <param name="packed">Receives <c>rows × Info.RowBytes(columns)</c> bytes; the tensor header is not among them.</param>
    /// <exception cref="NonFiniteWeightException">A weight is NaN or infinite and the format cannot hold it; its row is counted from the
    /// first given.</exception>
    public abstract void PackRows(
        ReadOnlySpan<float> weights,
        int rows,
        int columns,
        float tensorScale,
        ReadOnlySpan<float> importance,
        Span<byte> packed
    );

    /// <summary>Decodes some packed rows on the calling thread.</summary>
    /// <param name="packed">Packed rows without tensor header.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tensorScale">The decoded tensor header; 1 if the format has none.</param>
    /// <param name="weights">Receives <c>rows × columns</c> values.</param>
    public abstract void UnpackRows(ReadOnlySpan<byte> packed, int rows, int columns, float tensorScale, Span<float> weights);

    /// <summary>Decodes a packed matrix.</summary>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="weights">Receives <c>rows × columns</c> values.</param>
    /// <param name="parallelism">How many threads, who may cancel, who hears of progress.</param>
    public abstract void Unpack(ReadOnlyMemory<byte> packed, int rows, int columns, Memory<float> weights, Parallelism? parallelism = null);

    /// <summary>Fused pack and unpack; <paramref name="result"/> may be <paramref name="weights"/>.</summary>
    /// <param name="weights"><c>rows × columns</c> values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="result">Receives <c>rows × columns</c> values.</param>
    /// <param name="parallelism">How many threads, who may cancel, who hears of progress.</param>
    public abstract void RoundTrip(
        ReadOnlyMemory<float> weights,
        int rows,
        int columns,
        Memory<float> result,
        Parallelism? parallelism = null
    );

    /// <summary>A matrix over packed bytes, for products: <see cref="CompressedMatrix{TFormat}"/> of a format chosen at run time.</summary>
    /// <param name="packed">Exactly <see cref="FormatInfo.PackedBytes"/> bytes, which are not copied.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape.</exception>
    public abstract CompressedMatrix Matrix(ReadOnlyMemory<byte> packed, int rows, int columns);

    /// <summary>
    /// y = W·x in float32 for a matrix that is multiplied once: packed rows are decoded as they are needed, nothing is kept. A matrix that
    /// is multiplied again is several times faster as a <see cref="Matrix"/>. The error is at most 4·√columns·2⁻²⁴ of Σ|w·x|.
    /// </summary>
    /// <param name="packed">The packed matrix W.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="x"><c>columns</c> activations.</param>
    /// <param name="y">Receives <c>rows</c> sums.</param>
    /// <param name="parallelism">How many threads.</param>
    public void MatVec(
        ReadOnlyMemory<byte> packed,
        int rows,
        int columns,
        ReadOnlyMemory<float> x,
        Memory<float> y,
        Parallelism? parallelism = null
    ) => MatMul(packed, rows, columns, x, 1, y, parallelism);

    /// <summary>Y = X·Wᵀ in float32 for a matrix that is multiplied once, see <see cref="MatVec"/>.</summary>
    /// <param name="packed">The packed matrix W.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="x"><c>batch × columns</c> activations.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × rows</c> sums.</param>
    /// <param name="parallelism">How many threads.</param>
    public void MatMul(
        ReadOnlyMemory<byte> packed,
        int rows,
        int columns,
        ReadOnlyMemory<float> x,
        int batch,
        Memory<float> y,
        Parallelism? parallelism = null
    )
    {
        MatrixShape.CheckProduct(Info, rows, columns, packed.Length, x.Length, batch, y.Length);
        AsPacked(packed, rows, columns).MatMul(x, batch, y, MatVecPrecision.Float, parallelism);
    }

    /// <summary>The matrix repacked in memory; null if the format has no layout for that, or a scale is not finite.</summary>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public abstract ProductMatrix? Repack(ReadOnlySpan<byte> packed, int rows, int columns);

    /// <summary>The matrix multiplied as it is packed.</summary>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public abstract ProductMatrix AsPacked(ReadOnlyMemory<byte> packed, int rows, int columns);

    /// <summary>Squared error and squared values of rows of finite samples taken as one tensor; single-threaded.</summary>
    /// <param name="samples"><c>rows × columns</c> values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public abstract ErrorSums Probe(ReadOnlySpan<float> samples, int rows, int columns);

    /// <summary>The scalar reference encoder over a whole matrix, header included.</summary>
    /// <param name="weights"><c>rows × columns</c> finite values.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="packed">Receives <see cref="FormatInfo.PackedBytes"/> bytes.</param>
    public abstract void ReferencePack(ReadOnlySpan<float> weights, int rows, int columns, Span<byte> packed);

    /// <summary>The scalar reference decoder over a whole matrix, header included.</summary>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="weights">Receives <c>rows × columns</c> values.</param>
    public abstract void ReferenceUnpack(ReadOnlySpan<byte> packed, int rows, int columns, Span<float> weights);

    /// <summary>The format's name.</summary>
    public override string ToString() => Info.Name;
}
