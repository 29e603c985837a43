namespace KernelGen;

/// <summary>A weight is NaN or infinite and the format cannot hold it.</summary>
public sealed class NonFiniteWeightException : ArgumentException
{
    /// <summary>Reports one weight.</summary>
    /// <param name="format">Name of the format.</param>
    /// <param name="row">Row of the weight.</param>
    /// <param name="column">Column of the weight.</param>
    /// <param name="value">The weight.</param>
    public NonFiniteWeightException(string format, long row, long column, float value)
        : base($"Weight at row {row}, column {column} is {value}: {format} holds finite numbers only. Replace it before packing.")
    {
        Row = row;
        Column = column;
        Value = value;
    }

    /// <summary>Row of the weight.</summary>
    public long Row { get; }

    /// <summary>Column of the weight.</summary>
    public long Column { get; }

    /// <summary>The weight.</summary>
    public float Value { get; }
}
