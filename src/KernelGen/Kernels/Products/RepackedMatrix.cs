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

    /// <summary>A trellis repacked in memory; null if the matrix has no rows.</summary>
    internal static ProductMatrix? OfTrellis(
        FormatInfo info,
        ReadOnlySpan<byte> packed,
        int rows,
        int columns,
        in TrellisSpec spec,
        ScaledBlock block
    )
    {
        MatrixShape.Check(info, rows, columns, packed.Length, int.MaxValue);
        return rows == 0 ? null : new TrellisMatrix(spec, rows, columns, info.RowBytes(columns), packed[info.TensorHeaderBytes..], block);
    }

    /// <summary>
    /// Indices into a codebook repacked in memory; null if that is no faster here than decoding packed bytes, as for few rows, or for
    /// vectors of two where bytes cannot be permuted.
    /// </summary>
    internal static ProductMatrix? OfCodebook(
        FormatInfo info,
        ReadOnlySpan<byte> packed,
        int rows,
        int columns,
        Codebook book,
        ScaledBlock block
    )
    {
        MatrixShape.Check(info, rows, columns, packed.Length, int.MaxValue);
        var source = new CodebookRows(
            packed[info.TensorHeaderBytes..],
            rows,
            columns,
            info.Block,
            info.RowBytes(columns),
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
