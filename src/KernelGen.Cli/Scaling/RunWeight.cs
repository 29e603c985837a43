using System.Globalization;
using System.Text.RegularExpressions;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>Weights of runs as powers of size: <c>N^2</c>, <c>N^1D^-1</c>.</summary>
internal static partial class RunWeight
{
    /// <summary>Reads a weight; null for none. Sizes are taken relative to 1e8 parameters and 1e10 tokens.</summary>
    /// <exception cref="UsageException">It is not of that form.</exception>
    public static Func<TrainingRun, double>? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }
        Match match = Form().Match(text);
        if (text.Length == 0 || !match.Success)
        {
            throw new UsageException($"--weight: '{text}' is not of the form N^2 or N^1D^-1.");
        }
        double Power(string group) =>
            match.Groups[group].Success ? double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;
        double n = Power("n"),
            d = Power("d");
        return run => Math.Pow(run.Input.Params / 1e8, n) * Math.Pow(run.Input.Tokens / 1e10, d);
    }

    [GeneratedRegex(@"^(N\^(?<n>-?\d+(\.\d+)?))?(D\^(?<d>-?\d+(\.\d+)?))?$")]
    private static partial Regex Form();
}
