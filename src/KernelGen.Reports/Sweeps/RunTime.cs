using System.Globalization;

namespace KernelGen.Reports;

/// <summary>Times of long work as people say them.</summary>
internal static class RunTime
{
    public static string Text(double seconds) =>
        seconds switch
        {
            < 90 => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds):0} s"),
            < 5400 => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds / 60):0} min"),
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $"{Math.Floor(Math.Ceiling(seconds / 60) / 60):0} h {Math.Ceiling(seconds / 60) % 60:00} min"
            ),
        };
}
