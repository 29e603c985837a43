using System.ComponentModel;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Products;

/// <summary>
/// Repacks matrices in memory for compute: rows interleaved by 16, scales apart, for any format that has an <see cref="IInt8Recipe"/>;
/// trellises and codebooks have layouts of their own. What generated code calls.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RepackedMatrix
{
    /// <summary>Repacks a matrix; null if it has no rows or a scale is not finite. What generated code calls.</summary>
    /// <typeparam name="TFormat">The format.</typeparam>
    /// <typeparam name="TRecipe">How its weights become bytes.</typeparam>
    /// <param name="packed">The packed matrix.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static ProductMatrix? Of<TFormat, TRecipe>(ReadOnlySpan<byte> packed, int rows, int columns)
        where TFormat : struct, ICompressedFormat<TFormat>
        where TRecipe : struct, IInt8Recipe
    {
        MatrixShape.Check(TFormat.Info, rows, columns, packed.Length, int.MaxValue);
        packed = packed[..(int)TFormat.Info.PackedBytes(rows, columns)];
        ProductMatrix? matrix =
            rows == 0 ? null
            : TRecipe.HalfScales && Int8Storage<FloatScales<TRecipe>>.IsSmall(rows, RepeatedActivations<TRecipe>.Columns(columns))
                ? Fill<TFormat, FloatScales<TRecipe>>(packed, rows, columns)
            : Fill<TFormat, TRecipe>(packed, rows, columns);
        return matrix is null ? null
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
    public static ProductMatrix? OfTrellis<TFormat>(
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
    public static ProductMatrix? OfCodebook<TFormat>(
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

    private static ProductMatrix? Fill<TFormat, TRecipe>(ReadOnlySpan<byte> packed, int rows, int columns)
        where TFormat : struct, ICompressedFormat<TFormat>
        where TRecipe : struct, IInt8Recipe =>
        Int8Storage<TRecipe>.Repack<TFormat>(packed, rows, RepeatedActivations<TRecipe>.Columns(columns)) is { } storage
            ? new RepackedMatrix<TRecipe>(storage, columns)
            : null;
}
