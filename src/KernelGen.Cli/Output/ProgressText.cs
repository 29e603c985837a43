using System.Globalization;

namespace KernelGen.Cli.Output;

/// <summary>How far work is, in words: the text of log lines, and the text after a bar.</summary>
internal static class ProgressText
{
    /// <summary>Ends an estimate; words that have their own need no other.</summary>
    private const string Left = " left";

    /// <summary><c>probe: 3/12 int4, 5 s left</c>.</summary>
    public static string Of(string title, double done, long total, string what, TimeSpan elapsed)
    {
        string left =
            done > 0 && done < total && !what.EndsWith(Left, StringComparison.Ordinal)
                ? string.Create(CultureInfo.InvariantCulture, $", {Math.Ceiling(elapsed.TotalSeconds * (total - done) / done)} s{Left}")
                : "";
        return string.Create(CultureInfo.InvariantCulture, $"{title}: {Math.Floor(done)}/{total} {what}{left}");
    }
}
