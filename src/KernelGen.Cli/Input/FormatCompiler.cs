using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using KernelGen.Generators;
using KernelGen.Generators.Emit;
using KernelGen.Generators.Emit.Ilgpu;
using KernelGen.Gpu;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;

namespace KernelGen.Cli.Input;

/// <summary>Compiles declarations in memory, by the generator that builds the built-in formats.</summary>
internal static class FormatCompiler
{
    /// <summary>The language of declarations.</summary>
    public static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest);

    /// <summary>What came of it.</summary>
    /// <param name="Declared">The compilation of the declarations alone.</param>
    /// <param name="Formats">Their formats.</param>
    /// <param name="Kernels">Their GPU kernels, if they were asked for.</param>
    public sealed record Result(CSharpCompilation Declared, FormatCatalog Formats, GpuCatalog? Kernels);

    /// <summary>Compiles files as one assembly, as a project would.</summary>
    /// <exception cref="UsageException">They are wrong; what the compiler says is printed before.</exception>
    public static Result Compile(string assemblyName, IEnumerable<SyntaxTree> files, bool onDevice, CommandEnvironment environment)
    {
        CSharpCompilation declared = Compilation(assemblyName, files, onDevice);
        Task<ImmutableArray<Diagnostic>> rules = Task.Run(() =>
            declared.WithAnalyzers([new DeclarationAnalyzer()]).GetAnalyzerDiagnosticsAsync(environment.Cancellation)
        );
        CSharpGeneratorDriver
            .Create([new FormatGenerator().AsSourceGenerator()], parseOptions: Parsing)
            .RunGeneratorsAndUpdateCompilation(
                declared,
                out Compilation all,
                out ImmutableArray<Diagnostic> written,
                environment.Cancellation
            );
        using var code = new MemoryStream();
        EmitResult emitted = all.Emit(code, cancellationToken: environment.Cancellation);
        Report([.. rules.GetAwaiter().GetResult(), .. written, .. emitted.Diagnostics], environment);
        code.Position = 0;
        Assembly assembly = new AssemblyLoadContext(assemblyName).LoadFromStream(code);
        return new(
            declared,
            Catalog<FormatCatalog>(assembly, CatalogEmitter.ClassName) ?? new(),
            onDevice ? Catalog<GpuCatalog>(assembly, GpuCatalogEmitter.ClassName) : null
        );
    }

    /// <summary>The catalogue that the generator wrote into an assembly.</summary>
    public static T? Catalog<T>(Assembly assembly, string type)
        where T : class =>
        assembly
            .GetTypes()
            .Where(candidate => candidate.Name == type)
            .Select(candidate => candidate.GetProperty("Catalog", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as T)
            .FirstOrDefault(catalog => catalog is not null);

    /// <summary>The framework, KernelGen and the files; what GPU kernels need only for a device, as they take time.</summary>
    private static CSharpCompilation Compilation(string assemblyName, IEnumerable<SyntaxTree> files, bool onDevice)
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        IEnumerable<string> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == framework)
            .Append(typeof(CompressedFormat).Assembly.Location);
        Type[] device = onDevice ? [typeof(GpuCatalog), typeof(ILGPU.ArrayView<>)] : [];
        return CSharpCompilation.Create(
            assemblyName,
            [CSharpSyntaxTree.ParseText("global using System; global using KernelGen;", Parsing, path: "usings.cs"), .. files],
            references.Concat(device.Select(type => type.Assembly.Location)).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                nullableContextOptions: NullableContextOptions.Enable
            )
        );
    }

    /// <summary>Prints what the compiler prints, in the order of files and lines.</summary>
    private static void Report(IEnumerable<Diagnostic> diagnostics, CommandEnvironment environment)
    {
        Diagnostic[] shown =
        [
            .. diagnostics
                .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning && !diagnostic.IsSuppressed)
                .OrderBy(diagnostic => diagnostic.Location.SourceTree?.FilePath, StringComparer.Ordinal)
                .ThenBy(diagnostic => diagnostic.Location.SourceSpan.Start),
        ];
        foreach (string line in shown.Select(diagnostic => CSharpDiagnosticFormatter.Instance.Format(diagnostic)).Distinct())
        {
            environment.Note(line);
        }
        int errors = shown.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        if (errors > 0)
        {
            throw new UsageException($"--formats: {errors} {(errors == 1 ? "error" : "errors")} in the declarations; nothing was run.");
        }
    }
}
