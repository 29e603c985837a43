using System.Reflection;
using System.Runtime.Loader;
using KernelGen.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelGen.Docs.Tests;

/// <summary>A program of a page, compiled with the generator and run in this process.</summary>
internal static class CSharpProgram
{
    /// <summary>Single-file programs begin with <c>#:</c> lines, which are the SDK's business.</summary>
    private static readonly CSharpParseOptions Parsing = new CSharpParseOptions(LanguageVersion.Latest).WithFeatures([
        new("FileBasedProgram", "true"),
    ]);

    private const string Usings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>Compiles and runs a program.</summary>
    /// <param name="assembly">Name of the assembly.</param>
    /// <param name="sources">Its files, one of them with statements at the top.</param>
    /// <returns>What it writes to the console.</returns>
    /// <exception cref="InvalidOperationException">It does not compile; the message has the errors.</exception>
    public static string Run(string assembly, params IEnumerable<string> sources)
    {
        CSharpCompilation written = CSharpCompilation.Create(
            assembly,
            sources.Append(Usings).Select(source => CSharpSyntaxTree.ParseText(source, Parsing)),
            References(),
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication,
                optimizationLevel: OptimizationLevel.Release,
                nullableContextOptions: NullableContextOptions.Enable
            )
        );
        CSharpGeneratorDriver
            .Create([new FormatGenerator().AsSourceGenerator()], parseOptions: Parsing)
            .RunGeneratorsAndUpdateCompilation(written, out Compilation all, out _);
        using var code = new MemoryStream();
        string[] errors =
        [
            .. all.Emit(code).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(error => $"{error}"),
        ];
        if (errors.Length > 0)
        {
            throw new InvalidOperationException(string.Join('\n', errors));
        }
        code.Position = 0;
        MethodInfo main = new AssemblyLoadContext(assembly).LoadFromStream(code).EntryPoint!;
        TextWriter console = Console.Out;
        using var output = new StringWriter { NewLine = "\n" };
        try
        {
            Console.SetOut(output);
            main.Invoke(null, [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(console);
        }
        return output.ToString();
    }

    /// <summary>The framework and the packages: everything of KernelGen and ILGPU.</summary>
    private static IEnumerable<MetadataReference> References()
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path =>
                Path.GetDirectoryName(path) == framework
                || Path.GetFileName(path).StartsWith("ILGPU", StringComparison.Ordinal)
                || Path.GetFileName(path).StartsWith("KernelGen", StringComparison.Ordinal)
            )
            .Select(path => MetadataReference.CreateFromFile(path));
    }
}
