namespace KernelGen.Reports;

/// <summary>Rows of values under columns: strings, whole numbers, doubles, booleans and nulls.</summary>
internal sealed class DataTable(params Column[] columns)
{
    private readonly List<object?[]> _rows = [];

    public IReadOnlyList<Column> Columns => columns;

    public IReadOnlyList<object?[]> Rows => _rows;

    /// <summary>Adds a row with one value for each column.</summary>
    public void Add(params object?[] values)
    {
        if (values.Length != columns.Length)
        {
            throw new ArgumentException($"{values.Length} values for {columns.Length} columns.", nameof(values));
        }
        _rows.Add(values);
    }

    /// <summary>Whether a column holds numbers, which are aligned to the right.</summary>
    public bool IsNumeric(int column) => _rows.Any(row => row[column] is double or int or long);
}
