namespace KernelGen.Cli.Input;

/// <summary>A tensor in memory, taken as a matrix.</summary>
/// <param name="Name">Name.</param>
/// <param name="Values"><c>Rows × Columns</c> values, row-major.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns.</param>
internal sealed record LoadedTensor(string Name, float[] Values, int Rows, int Columns)
{
    /// <summary>A sentence about the first value that is NaN or infinite; null if all are finite.</summary>
    public string? FirstNonFinite
    {
        get
        {
            int index = Array.FindIndex(Values, value => !float.IsFinite(value));
            return index < 0
                ? null
                : $"its value at row {index / Columns}, column {index % Columns} is {Values[index]}; the error of a format needs "
                    + $"finite values.";
        }
    }
}
