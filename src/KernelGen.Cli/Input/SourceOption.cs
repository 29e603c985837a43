using KernelGen.Models;
using KernelGen.Scaling;

namespace KernelGen.Cli.Input;

/// <summary>Reads <c>--source</c>: a distribution, or tensors of a file.</summary>
internal static class SourceOption
{
    private static readonly string[] Distributions = ["gaussian", "logistic", "student", "laplace"];

    /// <summary>A distribution by name; null if the text names a file.</summary>
    /// <exception cref="UsageException">It is neither.</exception>
    public static RandomSource? Distribution(string text)
    {
        string name = text.Split(':')[0].ToLowerInvariant();
        if (name is "normal" or "student-t" || Distributions.Contains(name))
        {
            try
            {
                return ValueSource.Parse(name == "student" ? string.Concat("student-t", text.AsSpan(name.Length)) : text);
            }
            catch (FormatException e)
            {
                throw new UsageException(e.Message);
            }
        }
        bool file = File.Exists(text) || text.Contains('.') || text.Contains('/') || text.Contains('\\');
        return file
            ? null
            : throw new UsageException(
                $"there is no source '{text}'. {NearestName.Sentence(text, Distributions)} A file ends in "
                    + $"{SafetensorsFile.Extension} or {RawFloatFile.Extension}."
            );
    }
}
