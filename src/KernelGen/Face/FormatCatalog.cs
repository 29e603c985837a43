using System.Diagnostics.CodeAnalysis;

namespace KernelGen;

/// <summary>
/// Formats by name. The generator writes one catalogue per assembly, <c>DeclaredFormats.Catalog</c> in the namespace
/// named after the assembly; catalogues can be joined.
/// </summary>
public sealed class FormatCatalog
{
    private readonly Dictionary<string, CompressedFormat> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Func<string, CompressedFormat?>? _lookup;

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

    private FormatCatalog(IReadOnlyList<CompressedFormat> formats, Func<string, CompressedFormat?>? lookup)
        : this(formats) => _lookup = lookup;

    /// <summary>All formats, without those that a lookup would make.</summary>
    public IReadOnlyList<CompressedFormat> All { get; }

    /// <summary>Finds a format by name, without regard to case.</summary>
    /// <param name="name">The name.</param>
    /// <param name="format">The format.</param>
    public bool TryGet(string name, [MaybeNullWhen(false)] out CompressedFormat format) =>
        _byName.TryGetValue(name, out format) || (format = _lookup?.Invoke(name)) is not null;

    /// <summary>Finds a format by name, without regard to case.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is no such format; the message names the nearest ones.</exception>
    public CompressedFormat this[string name] =>
        TryGet(name, out CompressedFormat? format)
            ? format
            : throw new KeyNotFoundException($"There is no format '{name}'. {Nearest(name)}");

    /// <summary>This catalogue and another.</summary>
    /// <param name="other">The other.</param>
    public FormatCatalog With(FormatCatalog other) => new([.. All, .. other.All], _lookup ?? other._lookup);

    /// <summary>
    /// This catalogue, which asks a function for names that it does not have: for formats that are made when they are needed.
    /// </summary>
    /// <param name="lookup">
    /// The format of a name, or null; called from any thread. It throws a <see cref="KeyNotFoundException"/> where it can say what is wrong
    /// with a name, which <see cref="TryGet"/> lets through.
    /// </param>
    public FormatCatalog WithLookup(Func<string, CompressedFormat?> lookup) => new(All, lookup);

    /// <summary>A sentence that names the formats whose names are nearest to a misspelt one.</summary>
    /// <param name="name">The misspelt name.</param>
    public string Nearest(string name) => NearestName.Sentence(name, All.Select(format => format.Info.Name));
}
