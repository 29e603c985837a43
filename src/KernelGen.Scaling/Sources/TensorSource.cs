using KernelGen.Kernels.Elements;

namespace KernelGen.Scaling;

/// <summary>A real tensor: the probe takes the whole of it, with its own rows, once.</summary>
public sealed class TensorSource : ValueSource
{
    /// <summary>A tensor in memory, which is not copied.</summary>
    /// <param name="name">Name for reports.</param>
    /// <param name="values">Exactly <c>rows × columns</c> finite values, row-major.</param>
    /// <param name="rows">Rows, 1 or more.</param>
    /// <param name="columns">Columns, 1 or more: the axis along which groups run.</param>
    /// <exception cref="ArgumentException">The number of values does not fit the shape, or one of them is not finite.</exception>
    public TensorSource(string name, ReadOnlyMemory<float> values, int rows, int columns)
        : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (values.Length != (long)rows * columns)
        {
            throw new ArgumentException(
                $"{name}: a {rows} × {columns} tensor has {(long)rows * columns} values, not {values.Length}.",
                nameof(values)
            );
        }
        ReadOnlySpan<float> span = values.Span;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> line = span.Slice(row * columns, columns);
            if (GroupMath.MagnitudeBits(line) >= GroupMath.NonFinite)
            {
                int column = 0;
                while (float.IsFinite(line[column]))
                {
                    column++;
                }
                throw new ArgumentException(
                    $"{name}: the value at row {row}, column {column} is {line[column]}; the error of a representation needs finite values.",
                    nameof(values)
                );
            }
        }
        Values = values;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>The values, row-major.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }
}
