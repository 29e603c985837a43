using KernelGen.Generators.Model;

namespace KernelGen.Generators.Reading;

/// <summary>A declared struct without Roslyn: what rules are checked on and the model is built from.</summary>
internal sealed record Declaration(
    string Namespace,
    string TypeName,
    string Accessibility,
    bool IsStruct,
    bool IsPartial,
    bool IsReadOnly,
    bool IsTopLevel,
    int TypeParameters,
    EquatableArray<DeclaredAttribute> Attributes
)
{
    /// <summary>The word that makes it no plain struct (ref, record, file), or null.</summary>
    public string? OtherForm { get; init; }

    /// <summary>Names of the members that it declares itself.</summary>
    public EquatableArray<string> Members { get; init; }

    /// <summary>Whether using it is an error, by [Obsolete].</summary>
    public bool IsObsolete { get; init; }

    public DeclaredAttribute? Find(string name) => Attributes.FirstOrDefault(attribute => attribute.Name == name);
}

/// <summary>
/// An attribute as constants, whether it was read from source or from metadata. Enums are their numbers, arrays are
/// <see cref="EquatableArray{T}"/> of objects.
/// </summary>
/// <param name="Name">Name of the attribute's type without "Attribute".</param>
/// <param name="Positional">Constructor arguments.</param>
/// <param name="Named">Named arguments.</param>
internal sealed record DeclaredAttribute(
    string Name,
    EquatableArray<object?> Positional,
    EquatableArray<KeyValuePair<string, object?>> Named
)
{
    public T Get<T>(int position) => (T)Positional[position]!;

    public T Get<T>(string name, T otherwise)
    {
        foreach (KeyValuePair<string, object?> argument in Named)
        {
            if (argument.Key == name)
            {
                return (T)argument.Value!;
            }
        }
        return otherwise;
    }

    /// <summary>The entries of the params array at a position.</summary>
    public IEnumerable<T> List<T>(int position) => ((EquatableArray<object?>)Positional[position]!).Select(entry => (T)entry!);
}
