using System.Globalization;

namespace KernelGen.Scaling;

/// <summary>Measured capacities of pairs of compressions: rows one, columns the other.</summary>
public sealed class CapacityMatrix
{
    private readonly double[,] _values;

    /// <summary>A matrix.</summary>
    /// <param name="rows">Labels of the rows, at least one.</param>
    /// <param name="columns">Labels of the columns, at least one.</param>
    /// <param name="values">Capacities, finite and not negative.</param>
    /// <exception cref="ArgumentException">The shape does not fit the labels, or a value will not do.</exception>
    public CapacityMatrix(IReadOnlyList<string> rows, IReadOnlyList<string> columns, double[,] values)
    {
        if (rows.Count == 0 || columns.Count == 0 || values.GetLength(0) != rows.Count || values.GetLength(1) != columns.Count)
        {
            throw new ArgumentException(
                $"{rows.Count} row and {columns.Count} column labels do not fit a matrix of {values.GetLength(0)} × {values.GetLength(1)}.",
                nameof(values)
            );
        }
        foreach (double value in values)
        {
            if (!double.IsFinite(value) || value < 0)
            {
                throw new ArgumentException(FormattableString.Invariant($"{value} is no capacity."), nameof(values));
            }
        }
        Rows = rows;
        Columns = columns;
        _values = (double[,])values.Clone();
    }

    /// <summary>Labels of the rows.</summary>
    public IReadOnlyList<string> Rows { get; }

    /// <summary>Labels of the columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>A capacity.</summary>
    /// <param name="row">Index of the row.</param>
    /// <param name="column">Index of the column.</param>
    public double this[int row, int column] => _values[row, column];

    /// <summary>Reads CSV: a header with the labels of the columns (its first cell is a title), then a label and the values per row.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunTableException">A cell will not do; the message names line and column.</exception>
    public static CapacityMatrix Read(string path)
    {
        using StreamReader reader = new(path);
        return ReadCsv(reader, Path.GetFileName(path));
    }

    /// <inheritdoc cref="Read"/>
    /// <param name="reader">The text.</param>
    /// <param name="source">Name for messages.</param>
    public static CapacityMatrix ReadCsv(TextReader reader, string source)
    {
        (int Line, List<string> Cells)[] lines = [.. CsvReader.Read(reader, source)];
        if (lines.Length < 2 || lines[0].Cells.Count < 2)
        {
            throw new RunTableException(source, 0, null, "a matrix has a header and at least one row and one column of values.");
        }
        string[] columns = [.. lines[0].Cells.Skip(1).Select(cell => cell.Trim())];
        string? twice = columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new RunTableException(source, lines[0].Line, twice, "the header has this column twice.");
        }
        var values = new double[lines.Length - 1, columns.Length];
        for (int i = 1; i < lines.Length; i++)
        {
            (int line, List<string> cells) = lines[i];
            if (cells.Count != columns.Length + 1)
            {
                throw new RunTableException(source, line, null, $"the row has {cells.Count} cells, the header {columns.Length + 1}.");
            }
            for (int j = 0; j < columns.Length; j++)
            {
                string cell = cells[j + 1].Trim();
                if (
                    !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                    || !double.IsFinite(value)
                    || value < 0
                )
                {
                    throw new RunTableException(source, line, columns[j], $"'{cell}' is no capacity; it is a number of 0 or more.");
                }
                values[i - 1, j] = value;
            }
        }
        return new([.. lines.Skip(1).Select(line => line.Cells[0].Trim())], columns, values);
    }
}
