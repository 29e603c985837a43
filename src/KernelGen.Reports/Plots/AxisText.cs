using System.Globalization;

namespace KernelGen.Reports;

/// <summary>How numbers look next to an axis: 50M parameters, 1 GB, 10⁻⁴; never 1E-04.</summary>
internal static class AxisText
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>A number as it is; powers of ten where it would be long.</summary>
    public static string Plain(double value)
    {
        double size = Math.Abs(value);
        if (size == 0 || size is >= 0.001 and < 1e5)
        {
            return Signed(value.ToString("0.######", CultureInfo.InvariantCulture));
        }
        int power = (int)Math.Floor(Math.Log10(size) + 1e-9);
        string factor = (value / Math.Pow(10, power)).ToString("0.##", CultureInfo.InvariantCulture);
        return (factor == "1" ? "" : Signed(factor) + "·")
            + "10"
            + (power < 0 ? "⁻" : "")
            + string.Concat(Math.Abs(power).ToString(CultureInfo.InvariantCulture).Select(digit => Superscripts[digit - '0']));
    }

    /// <summary>A count of parameters or tokens: 50M, 1.5B.</summary>
    public static string Count(double value) => Scaled(value, ["", "k", "M", "B", "T"]);

    /// <summary>An amount of memory: 50 MB.</summary>
    public static string Bytes(double value) => Scaled(value, [" B", " kB", " MB", " GB", " TB"]);

    private static string Scaled(double value, string[] units)
    {
        int unit = Math.Clamp((int)Math.Floor(Math.Log10(Math.Max(Math.Abs(value), 1)) / 3 + 1e-9), 0, units.Length - 1);
        double scaled = value / Math.Pow(1000, unit);
        return Math.Abs(scaled) is >= 1e5 or < 0.01
            ? Plain(value) + units[0]
            : Signed(
                scaled.ToString(
                    Math.Abs(scaled) < 10 ? "0.###"
                        : Math.Abs(scaled) < 100 ? "0.##"
                        : "0.#",
                    CultureInfo.InvariantCulture
                )
            ) + units[unit];
    }

    private static string Signed(string text) => text.Replace('-', '−');
}
