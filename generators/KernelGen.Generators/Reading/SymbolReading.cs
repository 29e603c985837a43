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

    /// <summary>Names with their namespaces and nothing else: no keyword is escaped.</summary>
    public static SymbolDisplayFormat PlainName { get; } =
        new(typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);

    /// <summary>The declaration, or null where its attributes do not compile: the compiler reports that.</summary>
    public static Declaration? Read(INamedTypeSymbol type, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        AttributeData[] attributes = [.. type.GetAttributes().Where(IsOurs)];
        if (attributes.Any(attribute => attribute.AttributeConstructor is null || Values(attribute).Any(HasError)))
        {
            return null;
        }
        return new Declaration(
            type.ContainingNamespace.IsGlobalNamespace ? "" : Identifiers.EscapeDotted(type.ContainingNamespace.ToDisplayString(PlainName)),
            Identifiers.Escape(type.Name),
            type.DeclaredAccessibility == Accessibility.Public ? "public" : "internal",
            type.TypeKind == TypeKind.Struct,
            IsPartial(type, cancellation),
            type.IsReadOnly,
            type.ContainingType is null,
            type.Arity,
            new(attributes.Select(Read))
        )
        {
            OtherForm =
                type.IsRefLikeType ? "ref"
                : type.IsRecord ? "record"
                : type.IsFileLocal ? "file"
                : null,
            Members = new(
                type.GetMembers()
                    .Where(member => !member.IsImplicitlyDeclared && AssemblyReading.IsUsers(member))
                    .Select(member => member.Name)
                    .Distinct()
            ),
            IsObsolete = type.GetAttributes().Any(IsObsoleteError),
        };
    }

    private static bool IsObsoleteError(AttributeData attribute) =>
        attribute.AttributeClass?.ToDisplayString(PlainName) == "System.ObsoleteAttribute"
        && attribute.ConstructorArguments is { Length: 2 } arguments
        && arguments[1].Value is true;

    private static IEnumerable<TypedConstant> Values(AttributeData attribute) =>
        attribute.ConstructorArguments.Concat(attribute.NamedArguments.Select(argument => argument.Value));

    private static bool HasError(TypedConstant constant) =>
        constant.Kind == TypedConstantKind.Error
        || (constant.Kind == TypedConstantKind.Array && !constant.Values.IsDefault && constant.Values.Any(HasError));

    /// <summary>Whether an attribute is one of the declaration's.</summary>
    public static bool IsOurs(AttributeData attribute) =>
        attribute.AttributeClass is { ContainingNamespace: { Name: AttributeNamespace, ContainingNamespace.IsGlobalNamespace: true } };

    /// <summary>Whether an attribute is the one that starts a format.</summary>
    public static bool IsFormat(AttributeData attribute) => attribute.AttributeClass?.ToDisplayString() == FormatAttribute;

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
