using System.Text;
using KernelGen.Generators.Emit;
using KernelGen.Generators.Emit.Ilgpu;
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
    private readonly Func<FormatModel, IEnumerable<(string HintName, string Text)>> _emit;

    /// <summary>The generator as the compiler loads it.</summary>
    public FormatGenerator()
        : this(FormatFiles.Of) { }

    /// <summary>A generator with another emitter: how tests see what a failing one does.</summary>
    internal FormatGenerator(Func<FormatModel, IEnumerable<(string HintName, string Text)>> emit) => _emit = emit;

    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Tracking name of the step that holds the models.</summary>
    public const string ModelStep = "KG.Model";

    /// <summary>Tracking name of the step that holds the catalogue's entries.</summary>
    public const string CatalogStep = "KG.Catalog";

    /// <summary>Tracking name of the step that holds the models whose GPU kernels are written.</summary>
    public const string GpuStep = "KG.Gpu";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<FormatModel> models = context
            .SyntaxProvider.ForAttributeWithMetadataName(
                SymbolReading.FormatAttribute,
                static (node, _) => node is TypeDeclarationSyntax,
                static (syntax, cancellation) => ModelOf((INamedTypeSymbol)syntax.TargetSymbol, cancellation)
            )
            .Where(static model => model is not null)
            .Select(static (model, _) => model!)
            .WithTrackingName(ModelStep);

        context.RegisterSourceOutput(models, WriteFormat);

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
                output.AddSource(CatalogEmitter.HintName, SourceText.From(CatalogEmitter.Write(entry.Assembly ?? "", entry.Formats), Utf8));
            }
        });

        InitializeGpu(context, models);
    }

    /// <summary>
    /// GPU kernels, where the compilation can use them: of the formats declared here, and of those in assemblies that
    /// [assembly: GpuFormatsOf] names. A branch of its own, so that nothing else changes with it.
    /// </summary>
    private void InitializeGpu(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<FormatModel> models)
    {
        IncrementalValueProvider<string?> assembly = context.CompilationProvider.Select(
            static (compilation, _) => GpuReading.AssemblyWithGpu(compilation)
        );
        IncrementalValuesProvider<FormatModel> others = context
            .SyntaxProvider.ForAttributeWithMetadataName(
                GpuReading.FormatsOfAttribute,
                static (_, _) => true,
                static (syntax, cancellation) =>
                    new EquatableArray<FormatModel>(GpuReading.Named(syntax.Attributes, type => ModelOf(type, cancellation)))
            )
            .SelectMany(static (found, _) => found);
        IncrementalValuesProvider<FormatModel> all = models
            .Collect()
            .Combine(others.Collect())
            .Combine(assembly)
            .SelectMany(
                static (found, _) =>
                    found.Right is null ? [] : new[] { found.Left.Left, found.Left.Right }.SelectMany(part => part).Distinct()
            )
            .WithTrackingName(GpuStep);

        context.RegisterSourceOutput(all, (output, model) => Write(output, model, IlgpuEmitter.Of, "Gpu"));
        // no entry without formats: compilations that cannot use GPU kernels have no output here
        IncrementalValuesProvider<(EquatableArray<FormatModel> Formats, string? Assembly)> catalog = all.Collect()
            .Select(static (found, _) => new EquatableArray<FormatModel>(found))
            .Combine(assembly)
            .SelectMany(static (entry, _) => entry.Left.Count > 0 ? new[] { entry } : []);
        context.RegisterSourceOutput(catalog, static (output, entry) =>
            output.AddSource(
                GpuCatalogEmitter.HintName,
                SourceText.From(GpuCatalogEmitter.Write(entry.Assembly ?? "", entry.Formats), Utf8)
            )
        );
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

    private void WriteFormat(SourceProductionContext output, FormatModel model) => Write(output, model, _emit, "");

    private static void Write(
        SourceProductionContext output,
        FormatModel model,
        Func<FormatModel, IEnumerable<(string HintName, string Text)>> emit,
        string part
    )
    {
        try
        {
            foreach ((string hintName, string text) in emit(model))
            {
                output.CancellationToken.ThrowIfCancellationRequested();
                output.AddSource(hintName, SourceText.From(text, Utf8));
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One format that cannot be written must not take the others with it.
            string message = e.Message.Replace('\r', ' ').Replace('\n', ' ');
            output.AddSource(
                $"{model.HintName}.{part}Failed.g.cs",
                SourceText.From($"#error KG9999 The kernels of {model.TypeName} could not be generated: {message}\n", Utf8)
            );
        }
    }
}
