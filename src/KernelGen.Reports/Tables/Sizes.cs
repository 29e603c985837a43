using System.Globalization;

namespace KernelGen.Reports;

/// <summary>Sizes as people read them.</summary>
internal static class Sizes
{
    public const double MiB = 1 << 20;

    /// <summary>A size in the unit that fits: <c>3.91 GiB</c>.</summary>
    public static string Text(long bytes) =>
        bytes switch
        {
            >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.00} GiB"),
            >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / MiB:0.00} MiB"),
            >= 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.00} KiB"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        };

    /// <summary>Bits per weight, 0 if there are none.</summary>
    public static double BitsPerWeight(long bytes, long count) => count > 0 ? 8.0 * bytes / count : 0;
}
