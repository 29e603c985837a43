using System.Collections.Immutable;
using KernelGen.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelGen.Generators.Reading;

/// <summary>Symbol to declaration: the last place that sees Roslyn.</summary>
internal static class SymbolReading
{
    /// <summary>Namespace of the attributes.</summary>
    public const string AttributeNamespace = "KernelGen";

    /// <summary>Metadata name of the attribute that starts a format.</summary>
    public const string FormatAttribute = AttributeNamespace + ".CompressedFormatAttribute";

    public static Declaration Read(INamedTypeSymbol type, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new Declaration(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            type.Name,
            type.DeclaredAccessibility == Accessibility.Public ? "public" : "internal",
            type.TypeKind == TypeKind.Struct,
            IsPartial(type, cancellation),
            type.IsReadOnly,
            type.ContainingType is null,
            type.Arity,
            new(type.GetAttributes().Where(IsOurs).Select(Read))
        );
    }

    /// <summary>Whether an attribute is one of the declaration's.</summary>
    public static bool IsOurs(AttributeData attribute) =>
        attribute.AttributeClass is { ContainingNamespace: { Name: AttributeNamespace, ContainingNamespace.IsGlobalNamespace: true } };

    /// <summary>A format of another assembly, which has no source here, was partial when it was compiled.</summary>
    private static bool IsPartial(INamedTypeSymbol type, CancellationToken cancellation) =>
        type.DeclaringSyntaxReferences.All(reference =>
            reference.GetSyntax(cancellation) is TypeDeclarationSyntax syntax
            && syntax.Modifiers.Any(modifier => modifier.ValueText == "partial")
        );

    private static DeclaredAttribute Read(AttributeData attribute)
    {
        string name = attribute.AttributeClass!.Name;
        const string suffix = "Attribute";
        return new DeclaredAttribute(
            name.EndsWith(suffix, StringComparison.Ordinal) ? name.Substring(0, name.Length - suffix.Length) : name,
            new(attribute.ConstructorArguments.Select(Constant)),
            new(attribute.NamedArguments.Select(argument => new KeyValuePair<string, object?>(argument.Key, Constant(argument.Value))))
        );
    }

    private static object? Constant(TypedConstant constant) =>
        constant.Kind == TypedConstantKind.Array
            ? new EquatableArray<object?>(constant.Values.IsDefault ? [] : constant.Values.Select(Constant))
            : constant.Value;
}
