using System.ComponentModel;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products.MachineCode;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Products;

/// <summary>
/// A matrix repacked in memory for compute: rows interleaved by 16, scales apart. Made when a matrix is first multiplied, from
/// any format that has an <see cref="IInt8Recipe"/>; never stored.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RepackedMatrix
{
    /// <summary>Up to so many vectors in float32 the repacked matrix is faster; from then on decoding a row once for all of them.</summary>
    public const int MostFloatVectors = 3;

    private protected RepackedMatrix(int rows, int columns) => (Rows, Columns) = (rows, columns);

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    /// <summary>Bytes held, scales included.</summary>
    public abstract long Bytes { get; }

    /// <summary>A copy with memory of its own: what a benchmark streams through.</summary>
    internal abstract RepackedMatrix Copy();

    /// <summary>Whether activations can be rounded to bytes: the format's levels are integers times a step.</summary>
    public abstract bool HasIntegers { get; }

    /// <summary>Names of the kernels in machine code that multiply bytes with these weights, on machines that have the instructions.</summary>
    public virtual IReadOnlyList<string> MachineCode => [];

    /// <summary>What multiplies: <c>managed</c>, <c>avx512</c>, <c>vnni</c> or <c>amx</c>.</summary>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="precision">How activations are treated.</param>
    public virtual string Engine(int batch, MatVecPrecision precision) => CpuKernels.Name(CpuEngines.Managed);

    /// <summary>Y = X·Wᵀ.</summary>
    /// <param name="x"><c>batch × Columns</c> finite activations.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × Rows</c> sums.</param>
    /// <param name="precision">How activations are treated.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    /// <exception cref="NotSupportedException">Bytes are asked for, and the format's levels are no integers.</exception>
    public abstract void MatMul(
        ReadOnlyMemory<float> x,
        int batch,
        Memory<float> y,
        MatVecPrecision precision,
        Parallelism? parallelism = null
    );

    /// <summary>Refuses spans that are too short.</summary>
    private protected void RequireRoom(int activations, int batch, int results)
    {
        if (activations < (long)batch * Columns || results < (long)batch * Rows)
        {
            throw new ArgumentException(
                $"{batch} activation vectors need {(long)batch * Columns} values and {(long)batch * Rows} results; the spans have {activations} and {results}."
            );
        }
    }

    /// <summary>Repacks a matrix; null if it has no rows or a scale is not finite. What generated code calls.</summary>
    /// <typeparam name="TFormat">The format.</typeparam>
    /// <typeparam name="TRecipe">How its weights become bytes.</typeparam>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static RepackedMatrix? Of<TFormat, TRecipe>(ReadOnlySpan<byte> packed, int rows, int columns)
        where TFormat : struct, ICompressedFormat<TFormat>
        where TRecipe : struct, IInt8Recipe
    {
        MatrixShape.Check(TFormat.Info, rows, columns, packed.Length, int.MaxValue);
        packed = packed[..(int)TFormat.Info.PackedBytes(rows, columns)];
        int held = StagedMatrix.HeldColumns(columns, TRecipe.Stages, Int8Layout<TRecipe>.Group);
        RepackedMatrix? matrix =
            rows == 0 ? null
            : TRecipe.HalfScales && Int8Storage<FloatScales<TRecipe>>.IsSmall(rows, held)
                ? Fill<TFormat, FloatScales<TRecipe>>(packed, rows, held)
            : Fill<TFormat, TRecipe>(packed, rows, held);
        return matrix is null ? null
            : TRecipe.Stages > 1 ? new StagedMatrix(matrix, columns, TRecipe.Stages, Int8Layout<TRecipe>.Group)
            : TRecipe.HasExceptions ? new CorrectedMatrix(matrix, ExceptionList.Of<TFormat, TRecipe>(packed, rows, columns))
            : matrix;
    }

    /// <summary>A trellis repacked in memory; null if the matrix has no rows. What generated code calls.</summary>
    /// <typeparam name="TFormat">The format.</typeparam>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="spec">The trellis.</param>
    /// <param name="block">Where the parts of a packed block lie.</param>
    public static RepackedMatrix? OfTrellis<TFormat>(
        ReadOnlySpan<byte> packed,
        int rows,
        int columns,
        in TrellisSpec spec,
        ScaledBlock block
    )
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        MatrixShape.Check(TFormat.Info, rows, columns, packed.Length, int.MaxValue);
        return rows == 0
            ? null
            : new TrellisMatrix(spec, rows, columns, TFormat.Info.RowBytes(columns), packed[TFormat.Info.TensorHeaderBytes..], block);
    }

    /// <summary>
    /// Indices into a codebook repacked in memory; null if that is no faster here than decoding packed bytes, as for few rows, or for vectors
    /// of two where bytes cannot be permuted. What generated code calls.
    /// </summary>
    /// <typeparam name="TFormat">The format.</typeparam>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="dimension">Dimension of the entries.</param>
    /// <param name="entries">The entries one after the other, a power of two of them.</param>
    /// <param name="block">Where the parts of a packed block lie.</param>
    public static RepackedMatrix? OfCodebook<TFormat>(
        ReadOnlySpan<byte> packed,
        int rows,
        int columns,
        int dimension,
        ReadOnlySpan<float> entries,
        ScaledBlock block
    )
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        MatrixShape.Check(TFormat.Info, rows, columns, packed.Length, int.MaxValue);
        var book = new Codebook(dimension, entries.ToArray());
        var source = new CodebookRows(
            packed[TFormat.Info.TensorHeaderBytes..],
            rows,
            columns,
            TFormat.Info.Block,
            TFormat.Info.RowBytes(columns),
            book.IndexBits,
            block
        );
        bool hasTables = SumTableMatrix.IsSupported && book.Count <= SumTable.Large && rows >= SumTableMatrix.FewestRows;
        return rows == 0 ? null
            : hasTables ? new SumTableMatrix(book, source)
            : EntryMatrix.Fits(book) ? new EntryMatrix(book, source)
            : null;
    }

    private static RepackedMatrix? Fill<TFormat, TRecipe>(ReadOnlySpan<byte> packed, int rows, int columns)
        where TFormat : struct, ICompressedFormat<TFormat>
        where TRecipe : struct, IInt8Recipe =>
        Int8Storage<TRecipe>.Repack<TFormat>(packed, rows, columns) is { } storage ? new RepackedMatrix<TRecipe>(storage) : null;
}
