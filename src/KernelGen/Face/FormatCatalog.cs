using System.Diagnostics.CodeAnalysis;

namespace KernelGen;

/// <summary>
/// Formats by name. The generator writes one catalogue per assembly, <c>DeclaredFormats.Catalog</c> in the namespace
/// named after the assembly; catalogues can be joined.
/// </summary>
public sealed class FormatCatalog
{
    private readonly Dictionary<string, CompressedFormat> _byName = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A catalogue of formats, kept in the given order.</summary>
    /// <param name="formats">The formats; their names must be distinct without regard to case.</param>
    /// <exception cref="ArgumentException">Two formats have one name.</exception>
    public FormatCatalog(params IReadOnlyList<CompressedFormat> formats)
    {
        All = formats;
        foreach (CompressedFormat format in formats)
        {
            if (!_byName.TryAdd(format.Info.Name, format))
            {
                throw new ArgumentException(
                    $"Two formats are named {format.Info.Name}: {_byName[format.Info.Name].Declaration} and {format.Declaration}.",
                    nameof(formats)
                );
            }
        }
    }

    /// <summary>All formats.</summary>
    public IReadOnlyList<CompressedFormat> All { get; }

    /// <summary>Finds a format by name, without regard to case.</summary>
    /// <param name="name">The name.</param>
    /// <param name="format">The format.</param>
    public bool TryGet(string name, [MaybeNullWhen(false)] out CompressedFormat format) => _byName.TryGetValue(name, out format);

    /// <summary>Finds a format by name, without regard to case.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is no such format; the message names the nearest ones.</exception>
    public CompressedFormat this[string name] =>
        TryGet(name, out CompressedFormat? format)
            ? format
            : throw new KeyNotFoundException($"There is no format '{name}'. {Nearest(name)}");

    /// <summary>This catalogue and another.</summary>
    /// <param name="other">The other.</param>
    public FormatCatalog With(FormatCatalog other) => new([.. All, .. other.All]);

    /// <summary>A sentence that names the formats whose names are nearest to a misspelt one.</summary>
    /// <param name="name">The misspelt name.</param>
    public string Nearest(string name) => NearestName.Sentence(name, All.Select(format => format.Info.Name));
}
