using System.CommandLine.Parsing;
using System.Globalization;

namespace KernelGen.Cli.Input;

/// <summary>Numbers as people write them on a command line.</summary>
internal static class Numbers
{
    /// <summary>A count from 1 to 2^53: <c>1000000</c>, <c>1e6</c>, <c>2.5e6</c>.</summary>
    public static long? Count(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (
            decimal.TryParse(
                text,
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out decimal number
            )
            && number >= 1
            && number <= 1L << 53
            && number == Math.Floor(number)
        )
        {
            return (long)number;
        }
        argument.AddError($"'{text}' is no whole number from 1 to 2^53; 1000000 and 1e6 are.");
        return null;
    }

    /// <summary>Units of sizes; bytes where none is given.</summary>
    private static readonly (string Name, long Bytes)[] Units =
    [
        ("GiB", 1L << 30),
        ("MiB", 1L << 20),
        ("KiB", 1L << 10),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("KB", 1000),
        ("B", 1),
    ];

    /// <summary>A size of a byte or more: <c>3.9GiB</c>, <c>700MB</c>, <c>123456</c>.</summary>
    public static long? Size(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value.Trim();
        (string unit, long bytes) = Units.FirstOrDefault(unit => text.EndsWith(unit.Name, StringComparison.OrdinalIgnoreCase), ("", 1));
        if (
            decimal.TryParse(
                text.AsSpan(0, text.Length - unit.Length),
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture,
                out decimal number
            )
            && number > 0
            && number <= (1L << 53) / bytes
            && number * bytes >= 1
        )
        {
            return (long)(number * bytes);
        }
        argument.AddError($"'{text}' is no size; 3.9GiB, 700MB and 123456 are.");
        return null;
    }

    /// <summary>A number from <paramref name="least"/> to 2^31 − 1.</summary>
    public static Func<ArgumentResult, int?> AtLeast(int least) =>
        argument =>
        {
            string text = argument.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least)
            {
                return number;
            }
            argument.AddError($"'{text}' is no whole number from {least} to {int.MaxValue}.");
            return null;
        };

    /// <summary>A list of whole numbers from 1: <c>1,4,16</c>.</summary>
    public static int[]? List(ArgumentResult argument)
    {
        List<int> numbers = [];
        foreach (string text in FormatNames.Separate(argument.Tokens.Select(token => token.Value)))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
            {
                argument.AddError($"'{text}' is no whole number from 1 to {int.MaxValue}.");
                return null;
            }
            numbers.Add(number);
        }
        return [.. numbers.Distinct()];
    }

    /// <summary>A list of shapes: <c>4096x4096,1024x512</c>, rows first.</summary>
    public static (int Rows, int Columns)[]? Shapes(ArgumentResult argument)
    {
        List<(int, int)> shapes = [];
        foreach (string text in FormatNames.Separate(argument.Tokens.Select(token => token.Value)))
        {
            if (!TryShape(text, out int rows, out int columns))
            {
                argument.AddError($"'{text}' is no shape; rows and columns are written like 4096x1024, both 1 or more.");
                return null;
            }
            shapes.Add((rows, columns));
        }
        return [.. shapes.Distinct()];
    }

    public static bool TryShape(string text, out int rows, out int columns)
    {
        rows = columns = 0;
        return text.ToLowerInvariant().Split('x') is [var first, var second]
            && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out rows)
            && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out columns)
            && rows >= 1
            && columns >= 1;
    }
}
