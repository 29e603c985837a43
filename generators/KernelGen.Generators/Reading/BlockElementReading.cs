using KernelGen.Generators.Model;

namespace KernelGen.Generators.Reading;

/// <summary>The elements that code whole blocks, by attribute.</summary>
internal static class BlockElementReading
{
    private static readonly (string Attribute, Func<DeclaredAttribute, BlockElementModel> Read)[] Table =
    [
        ("Trellis", trellis => new TrellisElementModel(trellis.Get<double>(0), trellis.Get<int>(1), trellis.Get("Refinements", 1))),
        ("VectorCodebook", vector => new VectorElementModel(vector.Get<int>(0), vector.Get<int>(1))),
        ("E8P", lattice => new LatticeElementModel(lattice.Get<int>(0))),
        ("TernaryElement", ternary => new TernaryElementModel((TernaryCode)ternary.Get<int>(0), new(ternary.List<int>(1)))),
        ("SignElement", _ => new SignElementModel()),
    ];

    /// <summary>Names of the attributes.</summary>
    public static IEnumerable<string> Attributes => Table.Select(entry => entry.Attribute);

    /// <summary>The element, or null if none of these is declared.</summary>
    public static BlockElementModel? Read(Declaration declaration)
    {
        foreach ((string attribute, Func<DeclaredAttribute, BlockElementModel> read) in Table)
        {
            if (declaration.Find(attribute) is { } declared)
            {
                return read(declared);
            }
        }
        return null;
    }
}
