using KernelGen.Generators.Model;

namespace KernelGen.Generators.Reading;

/// <summary>The attributes of stages that wrap a format.</summary>
internal static class WrapperReading
{
    public static SparseModel Sparse(DeclaredAttribute sparse)
    {
        bool pattern = sparse.Positional.Count == 2;
        return new(
            pattern ? sparse.Get<int>(0) : 0,
            pattern ? sparse.Get<int>(1) : 0,
            pattern ? 0 : sparse.Get<double>(0),
            (SparseIndex)sparse.Get("Index", (int)SparseIndex.Combinatorial),
            sparse.Get("Pairs", false),
            pattern ? SelectionScope.Block : Scope(sparse)
        )
        {
            Idle = (pattern ? new[] { "Scope" } : ["Pairs", "Index"]).FirstOrDefault(name =>
                sparse.Named.Any(argument => argument.Key == name)
            ),
        };
    }

    public static OutlierModel Outliers(DeclaredAttribute outliers) =>
        new(outliers.Get<double>(0), (ScaleType)outliers.Get<int>(1), Scope(outliers));

    public static RotationModel Rotation(DeclaredAttribute rotation) => new(rotation.Get<int>(0), rotation.Get("Seed", 0u));

    private static SelectionScope Scope(DeclaredAttribute attribute) => (SelectionScope)attribute.Get("Scope", (int)SelectionScope.Row);
}
