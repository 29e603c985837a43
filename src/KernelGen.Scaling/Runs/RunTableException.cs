namespace KernelGen.Scaling;

/// <summary>A run table that cannot be used; the message names the file, the line and the column.</summary>
public sealed class RunTableException : Exception
{
    /// <summary>An error at a place.</summary>
    /// <param name="source">Name of the file.</param>
    /// <param name="line">Line, counted from 1 with the header; 0 if the whole file is meant.</param>
    /// <param name="column">Column, if one is meant.</param>
    /// <param name="problem">What is wrong, and what would be right.</param>
    public RunTableException(string source, int line, string? column, string problem)
        : base($"{source}{(line > 0 ? $":{line}" : "")}{(column is null ? "" : $", column '{column}'")}: {problem}")
    {
        Line = line;
        Column = column;
    }

    /// <summary>Line, counted from 1; 0 if the whole file is meant.</summary>
    public int Line { get; }

    /// <summary>Column, or null.</summary>
    public string? Column { get; }
}
