using System.Globalization;

namespace KernelGen.Scaling;

/// <summary>A condition on a column of a run table: <c>method=quest|none</c>, <c>weights!=e2m1</c>, <c>params&lt;=1e8</c>.</summary>
/// <param name="Column">Name of the column.</param>
/// <param name="Operator">One of =, !=, &lt;, &lt;=, &gt;, &gt;=.</param>
/// <param name="Value">What it is compared with; for = and != several values joined by |.</param>
public sealed record RunCondition(string Column, string Operator, string Value)
{
    private static readonly string[] Operators = ["!=", "<=", ">=", "<", ">", "="];

    /// <summary>Reads conditions joined by commas; all of them must hold.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">A part is no condition.</exception>
    public static IReadOnlyList<RunCondition> Parse(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Single)];

    /// <summary>Whether a row meets it.</summary>
    /// <param name="cells">The row by column.</param>
    /// <exception cref="FormatException">An order is asked of a cell that is no number.</exception>
    public bool Meets(IReadOnlyDictionary<string, string> cells)
    {
        string cell = cells.TryGetValue(Column, out string? text) ? text : "";
        if (Operator is "=" or "!=")
        {
            return Value.Split('|').Any(value => Same(cell, value.Trim())) == (Operator == "=");
        }
        double limit = Number(Value)!.Value,
            number = Number(cell) ?? throw new FormatException($"'{cell}' is not a number, so '{this}' cannot compare it.");
        return Operator switch
        {
            "<" => number < limit,
            "<=" => number <= limit,
            ">" => number > limit,
            _ => number >= limit,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Column} {Operator} {Value}";

    private static RunCondition Single(string part)
    {
        (int At, string Operator) found = Operators
            .Select(op => (At: part.IndexOf(op, StringComparison.Ordinal), Operator: op))
            .Where(found => found.At > 0)
            .OrderBy(found => found.At)
            .ThenByDescending(found => found.Operator.Length)
            .FirstOrDefault();
        if (found.Operator is null)
        {
            throw new FormatException($"'{part}' is not of the form column=value; != < <= > >= compare too.");
        }
        var condition = new RunCondition(part[..found.At].Trim(), found.Operator, part[(found.At + found.Operator.Length)..].Trim());
        return found.Operator is "=" or "!=" || Number(condition.Value) is not null
            ? condition
            : throw new FormatException($"'{part}': {found.Operator} compares with a number, which '{condition.Value}' is not.");
    }

    private static bool Same(string cell, string value) => cell == value || (Number(cell) is { } a && Number(value) is { } b && a == b);

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && !double.IsNaN(number) ? number : null;
}
