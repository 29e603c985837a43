using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using KernelGen.Generators.Emit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelGen.Generators.Tests;

/// <summary>
/// No declaration makes an error of the compiler or of the generator: it is refused by name, or its kernels compile and work.
/// </summary>
public class RandomDeclarationTests
{
    private const int Declarations = 2000;

    /// <summary>Legal declarations in one assembly.</summary>
    private const int Batch = 40;

    [Fact]
    public async Task Two_thousand_declarations_are_refused_by_name_or_pack_and_unpack()
    {
        var random = new RandomDeclarations(seed: 20261130);
        string[] all = [.. Enumerable.Range(0, Declarations).Select(i => random.Next($"F{i}"))];

        CSharpCompilation compilation = GeneratorHarness.Compile(["global using KernelGen;", .. all]);
        Assert.DoesNotContain(compilation.GetDiagnostics(), diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        ImmutableArray<Diagnostic> reported = await GeneratorHarness.Analyze(compilation);
        Assert.All(reported, diagnostic => Assert.True(IsRefusal(diagnostic), $"{diagnostic}: {Declaration(all, diagnostic)}"));
        HashSet<string> refused = [.. reported.Select(diagnostic => diagnostic.Location.SourceTree!.FilePath)];

        GeneratorDriverRunResult run = GeneratorHarness.Driver().RunGenerators(compilation).GetRunResult();
        Assert.Null(run.Results[0].Exception);
        Assert.True(run.Diagnostics.IsEmpty, string.Join('\n', run.Diagnostics.Select(d => $"{d}: {Declaration(all, d)}").Take(10)));

        string[] legal = [.. all.Where((_, i) => !refused.Contains($"Source{i + 1}.cs"))];
        Assert.InRange(legal.Length, Declarations / 10, Declarations);
        var failures = new ConcurrentBag<string>();
        Parallel.ForEach(legal.Chunk(Batch), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, batch =>
        {
            foreach (string failure in Run(batch))
            {
                failures.Add(failure);
            }
        });
        Assert.True(failures.IsEmpty, $"{failures.Count} of {legal.Length}:\n{string.Join('\n', failures.Take(10))}");
    }

    private static bool IsRefusal(Diagnostic diagnostic) =>
        diagnostic.Id.StartsWith("KG", StringComparison.Ordinal) && diagnostic.Id != "KG9999";

    private static string Declaration(string[] all, Diagnostic diagnostic) =>
        diagnostic.Location.GetLineSpan().Path is { Length: > 0 } path
            ? all[int.Parse(path["Source".Length..^".cs".Length], System.Globalization.CultureInfo.InvariantCulture) - 1]
            : "?";

    /// <summary>Compiles declarations, loads the assembly, and packs and unpacks with every format.</summary>
    private static IEnumerable<string> Run(string[] declarations)
    {
        (Compilation output, IReadOnlyList<Diagnostic> diagnostics) = GeneratorHarness.CompileGenerated(
            GeneratorHarness.Compile(["global using KernelGen;", .. declarations])
        );
        foreach (Diagnostic diagnostic in diagnostics.Take(3))
        {
            string file = Path.GetFileName(diagnostic.Location.GetLineSpan().Path);
            yield return $"{diagnostic}: {declarations.FirstOrDefault(text => text.Contains($" {file.Split('.')[0]};", StringComparison.Ordinal))}";
        }
        using var image = new MemoryStream();
        if (diagnostics.Count > 0 || !output.Emit(image).Success)
        {
            yield break;
        }
        image.Position = 0;
        var context = new AssemblyLoadContext(null, isCollectible: true);
        Assembly assembly = context.LoadFromStream(image);
        object catalog = assembly.GetType($"Test.Assembly.{CatalogEmitter.ClassName}")!.GetProperty("Catalog")!.GetValue(null)!;
        foreach (CompressedFormat format in ((FormatCatalog)catalog).All)
        {
            string? wrong = null;
            try
            {
                wrong = PackAndUnpack(format);
            }
            catch (Exception e)
            {
                wrong = e.GetType().Name + " " + e.Message;
            }
            if (wrong is not null)
            {
                yield return $"{wrong}: {declarations.First(text => text.Contains($" {format.Declaration.Name};", StringComparison.Ordinal))}";
            }
        }
        context.Unload();
    }

    /// <summary>Two whole blocks and a part of one in three rows; what comes back is finite, and the reference decodes the same.</summary>
    private static string? PackAndUnpack(CompressedFormat format)
    {
        int columns = Math.Min(2 * format.Info.Block + Math.Max(1, format.Info.Block / 3), 2500),
            rows = format.Info.CandidatesPerWeight > 256 ? 1 : 3;
        var random = new Random(columns);
        float[] weights = [.. Enumerable.Range(0, rows * columns).Select(_ => (float)(random.NextDouble() - 0.5))];
        var packed = new byte[format.Info.PackedBytes(rows, columns)];
        var unpacked = new float[weights.Length];
        var reference = new float[weights.Length];
        format.Pack(weights, rows, columns, packed);
        var expected = new byte[packed.Length];
        format.ReferencePack(weights, rows, columns, expected);
        if (!packed.AsSpan().SequenceEqual(expected))
        {
            return "Pack differs from the reference";
        }
        format.Unpack(packed, rows, columns, unpacked);
        format.ReferenceUnpack(packed, rows, columns, reference);
        return !unpacked.AsSpan().SequenceEqual(reference) ? "Unpack differs from the reference"
            : unpacked.All(float.IsFinite) ? null
            : "a weight that is not finite";
    }
}
