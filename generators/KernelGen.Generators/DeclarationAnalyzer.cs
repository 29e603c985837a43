using System.Collections.Concurrent;
using System.Collections.Immutable;
using KernelGen.Generators.Emit;
using KernelGen.Generators.Emit.Ilgpu;
using KernelGen.Generators.Model;
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
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [.. Descriptors.Reported];

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
            start.RegisterCompilationEndAction(end =>
            {
                CheckNames(end, named);
                CheckCatalogs(end, named);
            });
        });
    }

    /// <summary>Types of the user's that have the name of a generated one.</summary>
    private static void CheckCatalogs(CompilationAnalysisContext context, ConcurrentBag<(string Name, INamedTypeSymbol Type)> named)
    {
        if (named.IsEmpty)
        {
            return;
        }
        AssemblyFacts facts = AssemblyReading.Read(context.Compilation);
        string assembly = context.Compilation.AssemblyName ?? "";
        var taken = new List<(string Type, string What, string Of)>
        {
            ($"{facts.Namespace}.{CatalogEmitter.ClassName}", "the catalogue", assembly),
        };
        if (facts.HasGpu)
        {
            taken.Add(($"{facts.Namespace}.{GpuCatalogEmitter.ClassName}", "the catalogue of GPU kernels", assembly));
            taken.AddRange(
                named.Select(entry => (entry.Type.ToDisplayString(SymbolReading.PlainName) + "Gpu", "the GPU kernels", entry.Type.Name))
            );
        }
        foreach ((string name, string what, string of) in taken)
        {
            if (AssemblyReading.OwnType(context.Compilation, name.Replace("@", "")) is { } type)
            {
                context.ReportDiagnostic(
                    Diagnostic.Create(Descriptors.ReservedName, type.Locations.FirstOrDefault(), type.Name, what, of, "yours")
                );
            }
        }
    }

    private static void Check(SymbolAnalysisContext context, INamedTypeSymbol attribute, ConcurrentBag<(string, INamedTypeSymbol)> named)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (!type.GetAttributes().Any(data => SymbolEqualityComparer.Default.Equals(data.AttributeClass, attribute)))
        {
            return;
        }
        Declaration? declaration;
        IReadOnlyList<Violation> violations;
        try
        {
            declaration = SymbolReading.Read(type, context.CancellationToken);
            violations = declaration is null ? [] : DeclarationRules.Check(declaration);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // a rule that fails must not take the other formats' diagnostics with it
            violations = [new(Descriptors.CannotBeWritten, null, type.Name, e.Message.Replace('\r', ' ').Replace('\n', ' '))];
            declaration = null;
        }
        foreach (Violation violation in violations)
        {
            context.ReportDiagnostic(Reported(type, violation, context.CancellationToken));
        }
        if (declaration?.Find("CompressedFormat")?.Positional[0] is string name)
        {
            named.Add((name, type));
        }
    }

    private static void CheckNames(CompilationAnalysisContext context, ConcurrentBag<(string Name, INamedTypeSymbol Type)> named)
    {
        var taken = new HashSet<string>(named.Select(entry => entry.Name), StringComparer.OrdinalIgnoreCase);
        foreach (var group in named.GroupBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase))
        {
            INamedTypeSymbol[] types =
            [
                .. group.Select(entry => entry.Type).OrderBy(type => type.ToDisplayString(), StringComparer.Ordinal),
            ];
            foreach (INamedTypeSymbol type in types.Skip(1))
            {
                string free = Enumerable.Range(2, taken.Count).Select(i => $"{group.Key}-{i}").First(taken.Add);
                Fault fault = Fault.Set("CompressedFormat", "name", $"\"{free}\"");
                var violation = new Violation(Descriptors.DuplicateName, fault, group.Key, types[0].Name, type.Name);
                context.ReportDiagnostic(Reported(type, violation, context.CancellationToken));
            }
        }
    }

    private static Diagnostic Reported(INamedTypeSymbol type, Violation violation, CancellationToken cancellation)
    {
        string name = violation.At.Attribute + "Attribute";
        SyntaxReference? syntax = type.GetAttributes()
            .FirstOrDefault(data => SymbolReading.IsOurs(data) && data.AttributeClass!.Name == name)
            ?.ApplicationSyntaxReference;
        Location location = syntax?.GetSyntax(cancellation).GetLocation() ?? type.Locations.FirstOrDefault() ?? Location.None;
        ImmutableDictionary<string, string?> none = ImmutableDictionary<string, string?>.Empty;
        ImmutableDictionary<string, string?> properties = violation.At.Fix is { } fix ? none.Add(Fault.Property, fix) : none;
        return Diagnostic.Create(violation.Descriptor, location, properties, violation.Arguments);
    }
}
