using System.Collections.Immutable;
using KernelGen.Generators.Model;
using Microsoft.CodeAnalysis;

namespace KernelGen.Generators.Reading;

/// <summary>Whether a compilation can use GPU kernels, and the formats of other assemblies that it asks for.</summary>
internal static class GpuReading
{
    /// <summary>Metadata name of the assembly attribute that names another assembly.</summary>
    public const string FormatsOfAttribute = SymbolReading.AttributeNamespace + ".Gpu.GpuFormatsOfAttribute";

    /// <summary>A type of ILGPU, and the one of our runtime that kernels are handed over in.</summary>
    private static readonly string[] Needed = ["ILGPU.ArrayView`1", SymbolReading.AttributeNamespace + ".Gpu.GpuKernels"];

    /// <summary>Whether a compilation references what kernels need.</summary>
    public static bool HasGpu(Compilation compilation)
    {
        bool declaresRuntime = compilation.Assembly.GetTypeByMetadataName(Needed[1]) is not null;
        return !declaresRuntime && Needed.All(name => compilation.GetTypeByMetadataName(name) is not null);
    }

    /// <summary>The models of all formats in the assemblies that attributes name.</summary>
    public static IEnumerable<FormatModel> Named(ImmutableArray<AttributeData> attributes, Func<INamedTypeSymbol, FormatModel?> model) =>
        attributes
            .Select(attribute => attribute.ConstructorArguments.FirstOrDefault().Value)
            .OfType<INamedTypeSymbol>()
            .SelectMany(type => Types(type.ContainingAssembly.GlobalNamespace))
            .Where(type => type.DeclaredAccessibility == Accessibility.Public && type.GetAttributes().Any(SymbolReading.IsFormat))
            .Select(model)
            .OfType<FormatModel>();

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceSymbol space) =>
        space.GetNamespaceMembers().SelectMany(Types).Concat(space.GetTypeMembers());
}
