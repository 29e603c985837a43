using System.Collections.Concurrent;
using System.Collections.Immutable;
using KernelGen.Generators.Reading;
using KernelGen.Generators.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace KernelGen.Generators;

/// <summary>Reports illegal declarations at the attribute that is wrong.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DeclarationAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [.. Descriptors.All];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(SymbolReading.FormatAttribute) is not { } attribute)
            {
                return;
            }
            var named = new ConcurrentBag<(string Name, INamedTypeSymbol Type)>();
            start.RegisterSymbolAction(symbol => Check(symbol, attribute, named), SymbolKind.NamedType);
            start.RegisterCompilationEndAction(end => CheckNames(end, named));
        });
    }

    private static void Check(SymbolAnalysisContext context, INamedTypeSymbol attribute, ConcurrentBag<(string, INamedTypeSymbol)> named)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (!type.GetAttributes().Any(data => SymbolEqualityComparer.Default.Equals(data.AttributeClass, attribute)))
        {
            return;
        }
        Declaration declaration = SymbolReading.Read(type, context.CancellationToken);
        IReadOnlyList<Violation> violations;
        try
        {
            violations = DeclarationRules.Check(declaration);
        }
        catch (Exception e) when (e is InvalidCastException or IndexOutOfRangeException or NullReferenceException)
        {
            return; // the attributes do not compile; the compiler says so
        }
        foreach (Violation violation in violations)
        {
            context.ReportDiagnostic(
                Diagnostic.Create(
                    violation.Descriptor,
                    LocationOf(type, violation.Attribute, context.CancellationToken),
                    violation.Arguments
                )
            );
        }
        if (declaration.Find("CompressedFormat")?.Positional[0] is string name)
        {
            named.Add((name, type));
        }
    }

    private static void CheckNames(CompilationAnalysisContext context, ConcurrentBag<(string Name, INamedTypeSymbol Type)> named)
    {
        foreach (
            IGrouping<string, (string Name, INamedTypeSymbol Type)> group in named.GroupBy(
                entry => entry.Name,
                StringComparer.OrdinalIgnoreCase
            )
        )
        {
            INamedTypeSymbol[] types =
            [
                .. group.Select(entry => entry.Type).OrderBy(type => type.ToDisplayString(), StringComparer.Ordinal),
            ];
            foreach (INamedTypeSymbol type in types.Skip(1))
            {
                context.ReportDiagnostic(
                    Diagnostic.Create(
                        Descriptors.DuplicateName,
                        LocationOf(type, "CompressedFormat", context.CancellationToken),
                        group.Key,
                        types[0].Name,
                        type.Name
                    )
                );
            }
        }
    }

    private static Location LocationOf(INamedTypeSymbol type, string? attribute, CancellationToken cancellation)
    {
        SyntaxReference? syntax = attribute is null
            ? null
            : type.GetAttributes()
                .FirstOrDefault(data => SymbolReading.IsOurs(data) && data.AttributeClass!.Name == attribute + "Attribute")
                ?.ApplicationSyntaxReference;
        return syntax?.GetSyntax(cancellation).GetLocation() ?? type.Locations.FirstOrDefault() ?? Location.None;
    }
}
