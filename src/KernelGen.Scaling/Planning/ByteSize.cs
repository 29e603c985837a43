using System.Globalization;

namespace KernelGen.Scaling;

/// <summary>Amounts of memory as people write them.</summary>
public static class ByteSize
{
    private static readonly (string Unit, double Bytes)[] Units =
    [
        ("KiB", 1024.0),
        ("MiB", 1048576.0),
        ("GiB", 1073741824.0),
        ("TiB", 1099511627776.0),
        ("kB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
        ("B", 1),
    ];

    /// <summary>Reads <c>24GiB</c>, <c>800 MB</c>, <c>1e9</c>.</summary>
    /// <param name="text">The text; a number without unit counts bytes.</param>
    /// <returns>Bytes.</returns>
    /// <exception cref="FormatException">It is no positive amount of memory.</exception>
    public static double Parse(string text)
    {
        string trimmed = text.Trim();
        (string Unit, double Bytes) unit = Units.FirstOrDefault(u => trimmed.EndsWith(u.Unit, StringComparison.OrdinalIgnoreCase), ("", 1));
        string number = trimmed[..^unit.Unit.Length];
        return
            double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && double.IsFinite(value)
            && value > 0
            ? value * unit.Bytes
            : throw new FormatException($"'{text}' is no amount of memory; write it as in 24GiB, 800MB or 1e9.");
    }
}
