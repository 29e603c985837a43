namespace KernelGen;

/// <summary>Checks of shapes against the lengths of spans, with both numbers in the message.</summary>
internal static class MatrixShape
{
    public static void Check(FormatInfo info, int rows, int columns, long packedLength, long weightsLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        long weights = (long)rows * columns,
            packed = info.PackedBytes(rows, columns);
        if (weights > int.MaxValue)
        {
            throw new ArgumentException(
                $"{info.Name}: {rows} × {columns} is {weights} weights; one call takes up to {int.MaxValue}. Work on ranges of rows."
            );
        }
        if (weightsLength < weights)
        {
            throw new ArgumentException($"{info.Name}: {rows} × {columns} weights need {weights} values, the span has {weightsLength}.");
        }
        if (packedLength < packed)
        {
            throw new ArgumentException($"{info.Name}: {rows} × {columns} weights pack to {packed} bytes, the span has {packedLength}.");
        }
    }

    public static void Require(FormatInfo info, string what, int length, long needed)
    {
        if (length < needed)
        {
            Throw(info, what, length, needed);
        }
    }

    private static void Throw(FormatInfo info, string what, int length, long needed) =>
        throw new ArgumentException($"{info.Name}: the shape needs {needed} {what}, the span has {length}.");

    public static void CheckProduct(FormatInfo info, int rows, int columns, int packedLength, int xLength, int batch, int yLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 0);
        Check(info, rows, columns, packedLength, int.MaxValue);
        if (xLength < (long)batch * columns)
        {
            throw new ArgumentException(
                $"{info.Name}: {batch} × {columns} activations need {(long)batch * columns} values, the span has {xLength}."
            );
        }
        if (yLength < (long)batch * rows)
        {
            throw new ArgumentException($"{info.Name}: {batch} × {rows} results need {(long)batch * rows} values, the span has {yLength}.");
        }
    }
}
