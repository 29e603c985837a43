using KernelGen.Models;

namespace KernelGen.Cli.Input;

/// <summary>Rules of the form <c>REGEX=FORMAT</c>.</summary>
internal static class TensorRules
{
    /// <summary>What stands for keeping a tensor as it is.</summary>
    private const string KeepWord = "keep";

    /// <summary>A rule that gives matching tensors a format, or keeps them.</summary>
    /// <exception cref="UsageException">It is no rule, or its format or expression is wrong.</exception>
    public static TensorRule Parse(string text, FormatCatalog catalog)
    {
        int sign = text.LastIndexOf('='); // names of formats have none, expressions may
        if (sign <= 0 || sign == text.Length - 1)
        {
            throw new UsageException(
                $"'{text}' is no rule; write REGEX=FORMAT, for example 'down_proj={catalog.All[0]}', or REGEX={KeepWord}."
            );
        }
        string format = text[(sign + 1)..].Trim();
        return new(
            text[..sign].Trim(),
            format.Equals(KeepWord, StringComparison.OrdinalIgnoreCase) ? null : FormatNames.Find(catalog, format)
        );
    }

    /// <summary>A rule that keeps matching tensors.</summary>
    public static TensorRule Keep(string pattern) => new(pattern, null);
}
