using MathNet.Numerics.LinearAlgebra;

namespace KernelGen.Scaling;

/// <summary>
/// Does capacity factorise? If ρ multiplies, the matrix is the outer product of its uncompressed row and column. The test predicts
/// every cell from those two and reports what is left; it hides nothing by fitting.
/// </summary>
public sealed class RankOneTest
{
    private readonly double[,] _predicted;

    private RankOneTest(CapacityMatrix matrix, int row, int column)
    {
        Matrix = matrix;
        PivotRow = row;
        PivotColumn = column;
        _predicted = new double[matrix.Rows.Count, matrix.Columns.Count];
        double squares = 0,
            absolute = 0;
        for (int i = 0; i < matrix.Rows.Count; i++)
        {
            for (int j = 0; j < matrix.Columns.Count; j++)
            {
                _predicted[i, j] = matrix[i, column] * matrix[row, j] / matrix[row, column];
                double error = Error(i, j);
                squares += error * error;
                absolute += Math.Abs(error);
                if (Math.Abs(error) > MaxError)
                {
                    (MaxError, WorstRow, WorstColumn) = (Math.Abs(error), i, j);
                }
            }
        }
        // Cells of the pivot row and column are exact by construction and do not count.
        int cells = (matrix.Rows.Count - 1) * (matrix.Columns.Count - 1);
        RmsError = cells == 0 ? 0 : Math.Sqrt(squares / cells);
        MeanError = cells == 0 ? 0 : absolute / cells;
        Matrix<double> values = Matrix<double>.Build.Dense(matrix.Rows.Count, matrix.Columns.Count, (i, j) => matrix[i, j]);
        var svd = values.Svd();
        RankOneShare = svd.S[0] * svd.S[0] / svd.S.DotProduct(svd.S);
        Matrix<double> best = svd.S[0] * svd.U.Column(0).OuterProduct(svd.VT.Row(0));
        RankOneMeanError = (values - best).PointwiseAbs().ToColumnMajorArray().Average();
    }

    /// <summary>The matrix.</summary>
    public CapacityMatrix Matrix { get; }

    /// <summary>The row taken for uncompressed.</summary>
    public int PivotRow { get; }

    /// <summary>The column taken for uncompressed.</summary>
    public int PivotColumn { get; }

    /// <summary>The largest error.</summary>
    public double MaxError { get; }

    /// <summary>Row of the largest error.</summary>
    public int WorstRow { get; }

    /// <summary>Column of the largest error.</summary>
    public int WorstColumn { get; }

    /// <summary>Root mean square of the errors outside the pivot's row and column.</summary>
    public double RmsError { get; }

    /// <summary>Mean of the errors' magnitudes outside the pivot's row and column.</summary>
    public double MeanError { get; }

    /// <summary>Mean of the errors' magnitudes in a row, outside the pivot's column; 0 in the pivot's row.</summary>
    /// <param name="row">Index of the row.</param>
    public double MeanErrorOf(int row) =>
        Enumerable.Range(0, Matrix.Columns.Count).Where(column => column != PivotColumn).Average(column => Math.Abs(Error(row, column)));

    /// <summary>Share of the sum of squares that the best matrix of rank 1 holds, from the singular values.</summary>
    public double RankOneShare { get; }

    /// <summary>Mean distance of the cells from the best matrix of rank 1: what is left when no row and column are taken for uncompressed.</summary>
    public double RankOneMeanError { get; }

    /// <summary>Tests a matrix.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="row">Index of the uncompressed row; that of the largest value if null.</param>
    /// <param name="column">Index of the uncompressed column; that of the largest value if null.</param>
    /// <exception cref="ArgumentException">The pivot is 0 or outside the matrix.</exception>
    public static RankOneTest Of(CapacityMatrix matrix, int? row = null, int? column = null)
    {
        (int Row, int Column) largest = (
            from i in Enumerable.Range(0, matrix.Rows.Count)
            from j in Enumerable.Range(0, matrix.Columns.Count)
            select (i, j)
        ).MaxBy(cell => matrix[cell.i, cell.j]);
        (int r, int c) = (row ?? largest.Row, column ?? largest.Column);
        if (r < 0 || r >= matrix.Rows.Count || c < 0 || c >= matrix.Columns.Count || matrix[r, c] == 0)
        {
            throw new ArgumentException(
                $"The pivot ({r}, {c}) must be a cell above 0 of a matrix of {matrix.Rows.Count} × {matrix.Columns.Count}.",
                nameof(matrix)
            );
        }
        return new(matrix, r, c);
    }

    /// <summary>The product of the factors, <c>ρ(row)·ρ(column)</c>.</summary>
    /// <param name="row">Row.</param>
    /// <param name="column">Column.</param>
    public double Predicted(int row, int column) => _predicted[row, column];

    /// <summary>Measured minus predicted.</summary>
    /// <param name="row">Row.</param>
    /// <param name="column">Column.</param>
    public double Error(int row, int column) => Matrix[row, column] - _predicted[row, column];
}
