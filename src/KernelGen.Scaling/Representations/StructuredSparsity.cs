using System.Globalization;

namespace KernelGen.Scaling;

/// <summary>
/// Sparsity that keeps whole rows, or whole columns, of a matrix: those of largest norm. What is kept is a smaller dense matrix, so it
/// needs no other kernel than a dense one.
/// </summary>
public sealed class StructuredSparsity : Sparsity
{
    /// <summary>A mask.</summary>
    /// <param name="density">Share of rows or columns kept, above 0 and below 1.</param>
    /// <param name="columns">Whether columns are kept or dropped, or else rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range.</exception>
    public StructuredSparsity(double density, bool columns)
        : base(string.Create(CultureInfo.InvariantCulture, $"{(columns ? "columns" : "rows")}{Math.Round(100 * (1 - density), 10)}%"))
    {
        if (!(density > 0 && density < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(density),
                density,
                "The share of rows or columns kept must be above 0 and below 1."
            );
        }
        (Density, OfColumns) = (density, columns);
    }

    /// <summary>Whether columns are kept or dropped, or else rows.</summary>
    public bool OfColumns { get; }

    /// <inheritdoc/>
    public override double Density { get; }

    /// <summary>0: one bit for a row or column is negligible next to its values.</summary>
    public override double IndexBits => 0;

    /// <inheritdoc/>
    public override int Block => 1;

    /// <inheritdoc/>
    public override bool TensorWide => true;

    /// <inheritdoc/>
    public override int Kept(int columns) => OfColumns ? Units(columns) : columns;

    /// <inheritdoc/>
    public override double RowIndexBits(int columns) => 0;

    /// <inheritdoc/>
    public override (int Rows, int Columns) KeptShape(int rows, int columns) => OfColumns ? (rows, Units(columns)) : (Units(rows), columns);

    /// <inheritdoc/>
    public override double MatrixIndexBits(int rows, int columns) => OfColumns ? columns : rows;

    /// <summary>Finds the kept columns of a matrix of one row.</summary>
    /// <inheritdoc/>
    public override void Select(ReadOnlySpan<float> row, Span<int> kept) => SelectMatrix(row.ToArray(), 1, row.Length, kept);

    /// <inheritdoc/>
    public override void SelectMatrix(
        ReadOnlyMemory<float> values,
        int rows,
        int columns,
        Memory<int> kept,
        Parallelism? parallelism = null
    ) => SelectMatrix(values.Span, rows, columns, kept.Span);

    private int Units(int count) => (int)Math.Clamp(Math.Round(Density * count), 1, count);

    private void SelectMatrix(ReadOnlySpan<float> values, int rows, int columns, Span<int> kept)
    {
        var norms = new double[OfColumns ? columns : rows];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                double value = values[row * columns + column];
                norms[OfColumns ? column : row] += value * value;
            }
        }
        // Of equal norms those further left, or further up, are kept.
        int[] units =
        [
            .. Enumerable
                .Range(0, norms.Length)
                .OrderByDescending(unit => norms[unit])
                .ThenBy(unit => unit)
                .Take(Units(norms.Length))
                .Order(),
        ];
        int written = 0;
        for (int row = 0; row < rows; row++)
        {
            if (OfColumns)
            {
                foreach (int column in units)
                {
                    kept[written++] = row * columns + column;
                }
            }
            else if (Array.BinarySearch(units, row) >= 0)
            {
                for (int column = 0; column < columns; column++)
                {
                    kept[written++] = row * columns + column;
                }
            }
        }
    }
}
