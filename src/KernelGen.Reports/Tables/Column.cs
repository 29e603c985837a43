using System.Globalization;

namespace KernelGen.Reports;

/// <summary>A column of a table: its name in files, its title for people, and how its numbers look to people.</summary>
/// <param name="Name">Name in CSV and JSON: <c>gmse_se</c>.</param>
/// <param name="Title">Heading in tables for people.</param>
/// <param name="Format">How a double looks to people; files have all digits.</param>
/// <param name="Words">Turns a value into words for people where a number would need a legend; null leaves it alone.</param>
internal sealed record Column(string Name, string Title, string Format = "G5", Func<object, string?>? Words = null)
{
    /// <summary>What stands for a value that does not exist, in tables for people.</summary>
    public const string Missing = "–";

    /// <summary>A value for people.</summary>
    public string Text(object? value)
    {
        if (value is null)
        {
            return Missing;
        }
        return Words?.Invoke(value)
            ?? value switch
            {
                double.NaN => Missing,
                double number => number.ToString(Format, CultureInfo.InvariantCulture),
                bool flag => flag ? "yes" : "no",
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                _ => VisibleText.Of(value.ToString() ?? Missing),
            };
    }
}
