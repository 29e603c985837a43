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

    /// <summary>The files of a format, or why there are none.</summary>
    private sealed record Emitted(FormatModel Model, EquatableArray<(string HintName, SourceText Text)> Files, string? Error);

    /// <summary>Where a format is declared: apart from the model, so that what moves it does not write it again.</summary>
    private readonly record struct Place(string Format, string File, TextSpan Span, LinePositionSpan Lines);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<(FormatModel Model, Place Place)> found = context
            .SyntaxProvider.ForAttributeWithMetadataName(
                SymbolReading.FormatAttribute,
                static (node, _) => node is TypeDeclarationSyntax,
                static (syntax, cancellation) => Found(syntax, cancellation)
            )
            .Where(static entry => entry is not null)
            .Select(static (entry, _) => entry!.Value);
        IncrementalValuesProvider<FormatModel> models = found
            .Select(static (entry, _) => entry.Model)
            .Collect()
            .SelectMany(static (all, _) => FormatModel.WithUniqueHints(all))
            .WithTrackingName(ModelStep);
        IncrementalValueProvider<EquatableArray<Place>> places = found
            .Select(static (entry, _) => entry.Place)
            .Collect()
            .Select(static (all, _) => new EquatableArray<Place>(all));

        IncrementalValuesProvider<Emitted> emitted = Write(context, models, places, _emit);
        IncrementalValueProvider<AssemblyFacts> assembly = context.CompilationProvider.Select(
            static (compilation, _) => AssemblyReading.Read(compilation)
        );
        IncrementalValueProvider<(EquatableArray<(string, bool)> Formats, AssemblyFacts Assembly)> catalog = emitted
            .Where(static entry => entry.Error is null)
            .Select(static (entry, _) => (entry.Model.FullName, entry.Model.IsObsolete))
            .Collect()
            .Select(static (formats, _) => new EquatableArray<(string, bool)>(formats))
            .Combine(assembly)
            .WithTrackingName(CatalogStep);

        context.RegisterSourceOutput(catalog, static (output, entry) =>
        {
            if (entry.Formats.Count > 0 && !entry.Assembly.HasCatalog)
            {
                string text = CatalogEmitter.Write(entry.Assembly.Namespace, entry.Formats);
                output.AddSource(CatalogEmitter.HintName, SourceText.From(text, Utf8));
            }
        });
        InitializeGpu(context, models, places, assembly);
    }

    /// <summary>
    /// GPU kernels, where the compilation can use them: of the formats declared here, and of those in assemblies that
    /// [assembly: GpuFormatsOf] names. A branch of its own, so that nothing else changes with it.
    /// </summary>
    private static void InitializeGpu(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<FormatModel> models,
        IncrementalValueProvider<EquatableArray<Place>> places,
        IncrementalValueProvider<AssemblyFacts> assembly
    )
    {
        IncrementalValuesProvider<FormatModel> others = context
            .SyntaxProvider.ForAttributeWithMetadataName(
                GpuReading.FormatsOfAttribute,
                static (_, _) => true,
                static (syntax, cancellation) =>
                    new EquatableArray<FormatModel>(
                        GpuReading.Named(syntax.Attributes, type => ModelOf(syntax.SemanticModel.Compilation, type, cancellation))
                    )
            )
            .SelectMany(static (found, _) => found);
        IncrementalValuesProvider<FormatModel> all = models
            .Collect()
            .Combine(others.Collect())
            .Combine(assembly)
            .SelectMany(
                static (found, _) =>
                    found.Right.HasGpu
                        ? FormatModel.WithUniqueHints([
                            .. found.Left.Left.Select(model => model with { HintSuffix = "" }),
                            .. found.Left.Right,
                        ])
                        : []
            )
            .WithTrackingName(GpuStep);

        IncrementalValuesProvider<FormatModel> written = Write(context, all, places, IlgpuEmitter.Of)
            .Where(static entry => entry.Error is null)
            .Select(static (entry, _) => entry.Model);
        // no entry without formats: compilations that cannot use GPU kernels have no output here
        IncrementalValuesProvider<(EquatableArray<FormatModel> Formats, AssemblyFacts Assembly)> catalog = written
            .Collect()
            .Select(static (found, _) => new EquatableArray<FormatModel>(found))
            .Combine(assembly)
            .SelectMany(static (entry, _) => entry.Left.Count > 0 && !entry.Right.HasGpuCatalog ? new[] { entry } : []);
        context.RegisterSourceOutput(catalog, static (output, entry) =>
            output.AddSource(
                GpuCatalogEmitter.HintName,
                SourceText.From(GpuCatalogEmitter.Write(entry.Assembly.Namespace, entry.Formats), Utf8)
            )
        );
    }

    private static (FormatModel, Place)? Found(GeneratorAttributeSyntaxContext syntax, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)syntax.TargetSymbol;
        AttributeData first = type.GetAttributes().First(SymbolReading.IsFormat);
        if (
            !syntax.Attributes.Any(attribute => attribute.ApplicationSyntaxReference == first.ApplicationSyntaxReference)
            || ModelOf(syntax.SemanticModel.Compilation, type, cancellation) is not { } model
        )
        {
            return null; // the attribute on a second part is the compiler's to report; one format is written once
        }
        Location location = ((TypeDeclarationSyntax)syntax.TargetNode).Identifier.GetLocation();
        return (model, new(model.FullName, location.SourceTree!.FilePath, location.SourceSpan, location.GetLineSpan().Span));
    }

    private static FormatModel? ModelOf(Compilation compilation, INamedTypeSymbol type, CancellationToken cancellation)
    {
        try
        {
            return SymbolReading.Read(type, cancellation) is { } declaration && DeclarationRules.Check(declaration).Count == 0
                ? ModelReading.Read(declaration) with
                {
                    WritesNamesOut = Shadowing.Of(compilation, type),
                }
                : null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null; // the analyzer, which asks the same, reports it
        }
    }

    /// <summary>
    /// Adds the files of every format. One that cannot be written is reported where it is declared, and takes no other with it.
    /// </summary>
    private static IncrementalValuesProvider<Emitted> Write(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<FormatModel> models,
        IncrementalValueProvider<EquatableArray<Place>> places,
        Func<FormatModel, IEnumerable<(string HintName, string Text)>> emit
    )
    {
        IncrementalValuesProvider<Emitted> emitted = models.Select((model, cancellation) => Write(model, emit, cancellation));
        context.RegisterSourceOutput(emitted, static (output, entry) =>
        {
            foreach ((string hintName, SourceText text) in entry.Files)
            {
                output.AddSource(hintName, text);
            }
        });
        context.RegisterSourceOutput(emitted.Where(static entry => entry.Error is not null).Combine(places), static (output, failed) =>
        {
            Place place = failed.Right.FirstOrDefault(place => place.Format == failed.Left.Model.FullName);
            Location location = place.File is null ? Location.None : Location.Create(place.File, place.Span, place.Lines);
            output.ReportDiagnostic(
                Diagnostic.Create(Descriptors.CannotBeWritten, location, failed.Left.Model.TypeName, failed.Left.Error)
            );
        });
        return emitted;
    }

    private static Emitted Write(
        FormatModel model,
        Func<FormatModel, IEnumerable<(string HintName, string Text)>> emit,
        CancellationToken cancellation
    )
    {
        try
        {
            var files = new List<(string, SourceText)>();
            foreach ((string hintName, string text) in emit(model))
            {
                cancellation.ThrowIfCancellationRequested();
                files.Add((hintName, SourceText.From(model.WritesNamesOut ? Names.WrittenOut(text, model.TypeName) : text, Utf8)));
            }
            return new(model, new(files), null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new(model, new([]), e.Message.Replace('\r', ' ').Replace('\n', ' '));
        }
    }
}
