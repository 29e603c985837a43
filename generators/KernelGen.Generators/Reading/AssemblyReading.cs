using KernelGen.Generators.Emit;
using KernelGen.Generators.Emit.Ilgpu;
using KernelGen.Generators.Model;
using Microsoft.CodeAnalysis;

namespace KernelGen.Generators.Reading;

/// <summary>What catalogues have to know of the compilation.</summary>
/// <param name="Namespace">Where catalogues go.</param>
/// <param name="HasCatalog">Whether the user's code has a type of the catalogue's name there.</param>
/// <param name="HasGpu">Whether GPU kernels can be compiled.</param>
/// <param name="HasGpuCatalog">Whether the user's code has a type of the GPU catalogue's name there.</param>
internal sealed record AssemblyFacts(string Namespace, bool HasCatalog, bool HasGpu, bool HasGpuCatalog);

/// <summary>Compilation to facts.</summary>
internal static class AssemblyReading
{
    public static AssemblyFacts Read(Compilation compilation)
    {
        string space = NamespaceFor(compilation);
        return new(
            Identifiers.EscapeDotted(space),
            OwnType(compilation, space + "." + CatalogEmitter.ClassName) is not null,
            GpuReading.HasGpu(compilation),
            OwnType(compilation, space + "." + GpuCatalogEmitter.ClassName) is not null
        );
    }

    /// <summary>A type that the compilation itself declares, by its name without arity.</summary>
    public static INamedTypeSymbol? OwnType(Compilation compilation, string name) =>
        compilation.Assembly.GetTypeByMetadataName(name) is { } type && IsUsers(type) ? type : null;

    /// <summary>Whether something is declared in the user's code: analyzers see generated code too.</summary>
    public static bool IsUsers(ISymbol symbol) =>
        symbol.DeclaringSyntaxReferences.Any(reference => !reference.SyntaxTree.FilePath.Contains(GeneratorFolder));

    /// <summary>What the paths of this generator's files have in them.</summary>
    private static readonly string GeneratorFolder = typeof(FormatGenerator).FullName!;

    /// <summary>The assembly's name as a namespace, unescaped; a part that is also the name of a type gets an underscore.</summary>
    private static string NamespaceFor(Compilation compilation)
    {
        string space = "";
        foreach (string part in CatalogEmitter.NamespaceOf(compilation.AssemblyName ?? "").Split('.'))
        {
            string name = space.Length == 0 ? part : space + "." + part;
            while (OwnType(compilation, name) is not null)
            {
                name += "_";
            }
            space = name;
        }
        return space;
    }
}
