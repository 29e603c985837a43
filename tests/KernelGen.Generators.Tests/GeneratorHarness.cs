using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace KernelGen.Generators.Tests;

/// <summary>Compiles source with the generator and the analyzer.</summary>
internal static class GeneratorHarness
{
    private static readonly CSharpParseOptions Parse = new(LanguageVersion.Latest);

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path =>
                Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)
                || Path.GetFileName(path) is "netstandard.dll" or "mscorlib.dll"
            )
            .Select(path => MetadataReference.CreateFromFile(path)),
        MetadataReference.CreateFromFile(typeof(CompressedFormatAttribute).Assembly.Location),
    ];

    public static CSharpCompilation Compile(params string[] sources) =>
        CSharpCompilation.Create(
            "Test.Assembly",
            sources.Select((source, i) => CSharpSyntaxTree.ParseText(source, Parse, path: $"Source{i}.cs")),
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)
        );

    /// <summary>The same under another assembly name.</summary>
    public static CSharpCompilation CompileAs(string assembly, params string[] sources) => Compile(sources).WithAssemblyName(assembly);

    /// <summary>A compilation that references ILGPU and our GPU runtime.</summary>
    public static CSharpCompilation CompileWithGpu(params string[] sources) =>
        Compile(sources)
            .AddReferences(
                MetadataReference.CreateFromFile(typeof(Gpu.GpuKernels).Assembly.Location),
                MetadataReference.CreateFromFile(typeof(ILGPU.ArrayView<>).Assembly.Location)
            );

    public static GeneratorDriver Driver(FormatGenerator? generator = null) =>
        CSharpGeneratorDriver.Create(
            [(generator ?? new FormatGenerator()).AsSourceGenerator()],
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true),
            parseOptions: Parse
        );

    /// <summary>Generated files by hint name.</summary>
    public static SortedDictionary<string, string> Generate(Compilation compilation, FormatGenerator? generator = null)
    {
        GeneratorDriverRunResult result = Driver(generator).RunGenerators(compilation).GetRunResult();
        Assert.Null(result.Results[0].Exception);
        return new(
            result.Results[0].GeneratedSources.ToDictionary(source => source.HintName, source => source.SourceText.ToString()),
            StringComparer.Ordinal
        );
    }

    /// <summary>All diagnostics of the compilation with the generated files, hidden ones left out.</summary>
    public static (Compilation Output, IReadOnlyList<Diagnostic> Diagnostics) CompileGenerated(Compilation compilation)
    {
        Driver().RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out ImmutableArray<Diagnostic> generator);
        return (output, [.. generator, .. output.GetDiagnostics().Where(diagnostic => diagnostic.Severity > DiagnosticSeverity.Hidden)]);
    }

    /// <summary>What the analyzer says of the source.</summary>
    public static async Task<ImmutableArray<Diagnostic>> Analyze(Compilation compilation) =>
        await compilation.WithAnalyzers([new DeclarationAnalyzer()]).GetAnalyzerDiagnosticsAsync();
}
