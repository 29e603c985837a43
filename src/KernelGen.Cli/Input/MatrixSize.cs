using KernelGen.Models;

namespace KernelGen.Cli.Input;

/// <summary>Rows and columns of values that came without a shape.</summary>
internal static class MatrixSize
{
    /// <summary>Both, where one or none may be given; one row if none is.</summary>
    /// <exception cref="ModelFormatException">They do not fit the number of values.</exception>
    public static (int Rows, int Columns) Of(string file, long count, int? rows, int? columns)
    {
        if (count == 0)
        {
            throw new ModelFormatException(file, "it is empty; there is nothing to pack.");
        }
        long known = (rows, columns) switch
        {
            (int r, int c) => (long)r * c,
            (int r, null) => r,
            (null, int c) => c,
            _ => 1,
        };
        bool both = rows is not null && columns is not null;
        if (both && known != count)
        {
            throw new ModelFormatException(file, $"it has {count} values; {rows} × {columns} are {known}.");
        }
        if (count % known != 0)
        {
            throw new ModelFormatException(
                file,
                $"it has {count} values; that is no multiple of {known}, the number of {(rows is null ? "columns" : "rows")} given."
            );
        }
        long otherRows = rows ?? (columns is null ? 1 : count / columns.Value),
            otherColumns = columns ?? count / otherRows;
        if (otherRows > int.MaxValue || otherColumns > Array.MaxLength)
        {
            throw new ModelFormatException(
                file,
                $"{otherRows} × {otherColumns}: a row holds up to {Array.MaxLength} values. Give --columns."
            );
        }
        return ((int)otherRows, (int)otherColumns);
    }
}
