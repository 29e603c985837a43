using System.Text;
using KernelGen.Generators.Emit;
using KernelGen.Generators.Model;
using KernelGen.Generators.Reading;
using KernelGen.Generators.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace KernelGen.Generators;

/// <summary>Reads declared formats and writes their kernels. Illegal declarations yield nothing; the analyzer reports them.</summary>
[Generator]
public sealed class FormatGenerator : IIncrementalGenerator
{
    /// <summary>Tracking name of the step that holds the models.</summary>
    public const string ModelStep = "KG.Model";

    /// <summary>Tracking name of the step that holds the catalogue's entries.</summary>
    public const string CatalogStep = "KG.Catalog";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<FormatModel> models = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                SymbolReading.FormatAttribute,
                static (node, _) => node is TypeDeclarationSyntax,
                static (syntax, cancellation) => ModelOf((INamedTypeSymbol)syntax.TargetSymbol, cancellation))
            .Where(static model => model is not null)
            .Select(static (model, _) => model!)
            .WithTrackingName(ModelStep);

        context.RegisterSourceOutput(models, static (output, model) => WriteFormat(output, model));

        IncrementalValueProvider<(EquatableArray<(string, string)> Formats, string? Assembly)> catalog = models
            .Select(static (model, _) => (model.Namespace, model.TypeName))
            .Collect()
            .Select(static (formats, _) => new EquatableArray<(string, string)>(formats))
            .Combine(context.CompilationProvider.Select(static (compilation, _) => compilation.AssemblyName))
            .WithTrackingName(CatalogStep);

        context.RegisterSourceOutput(catalog, static (output, entry) =>
        {
            if (entry.Formats.Count > 0)
            {
                output.AddSource(CatalogEmitter.HintName, SourceText.From(CatalogEmitter.Write(entry.Assembly ?? "", entry.Formats), Encoding.UTF8));
            }
        });
    }

    private static FormatModel? ModelOf(INamedTypeSymbol type, CancellationToken cancellation)
    {
        Declaration declaration = SymbolReading.Read(type, cancellation);
        try
        {
            return DeclarationRules.Check(declaration).Count == 0 ? ModelReading.Read(declaration) : null;
        }
        catch (Exception e) when (e is InvalidCastException or IndexOutOfRangeException or NullReferenceException)
        {
            // The attributes themselves do not compile yet (someone is typing); the compiler reports that.
            return null;
        }
    }

    private static void WriteFormat(SourceProductionContext output, FormatModel model)
    {
        try
        {
            foreach ((string hintName, string text) in FormatFiles.Of(model))
            {
                output.CancellationToken.ThrowIfCancellationRequested();
                output.AddSource(hintName, SourceText.From(text, Encoding.UTF8));
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One format that cannot be written must not take the others with it.
            string message = e.Message.Replace('\r', ' ').Replace('\n', ' ');
            output.AddSource($"{model.HintName}.Failed.g.cs", SourceText.From($"#error KG9999 The kernels of {model.TypeName} could not be generated: {message}\n", Encoding.UTF8));
        }
    }
}
