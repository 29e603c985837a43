using KernelGen.Cli.Expressions;
using KernelGen.Scaling;

namespace KernelGen.Cli.Input;

/// <summary>Turns names on the command line into formats.</summary>
internal static class FormatNames
{
    /// <summary>The name that stands for all formats.</summary>
    public const string All = "all";

    /// <summary>A format by name.</summary>
    /// <exception cref="UsageException">There is none; the message names the nearest.</exception>
    public static CompressedFormat Find(FormatCatalog catalog, string name) =>
        catalog.TryGet(name, out CompressedFormat? format)
            ? format
            : throw new UsageException(WithoutKernels(catalog, name) ?? $"there is no format '{name}'. {catalog.Nearest(name)}");

    /// <summary>Why a composition has no kernels, if the name is one.</summary>
    private static string? WithoutKernels(FormatCatalog catalog, string name)
    {
        try
        {
            Representation composed = Representation.Parse(name, catalog);
            return composed.Sharing > 1
                    ? $"'{name}' has no kernels and is not stored: a product would gather every weight through a hash of its place, "
                        + "and no format has such a stage. train, sweep, probe and compare take it."
                : composed.Mask is null ? null
                : $"'{name}' is composed when it is measured, and has no kernels. A format with kernels declares the mask: "
                    + "int4:g64:sparse24 is 2:4 with a scale for 64 columns, 32 of them kept.";
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Formats by names, which may be joined by commas; none or <c>all</c> means all of them. Each once.</summary>
    public static IReadOnlyList<CompressedFormat> FindAll(FormatCatalog catalog, IEnumerable<string> names)
    {
        string[] separate = Separate(names);
        return separate.Length == 0 || separate.Contains(All, StringComparer.OrdinalIgnoreCase)
            ? catalog.All
            : [.. separate.Select(name => Find(catalog, name)).Distinct()];
    }

    /// <summary>The names one by one.</summary>
    public static string[] Separate(IEnumerable<string> names) => [.. names.SelectMany(BraceList.Separate)];
}
