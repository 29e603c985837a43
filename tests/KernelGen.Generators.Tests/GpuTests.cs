using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelGen.Generators.Tests;

/// <summary>When GPU kernels are written, and that nothing else changes with them.</summary>
public class GpuTests
{
    private const string Four = """
        using KernelGen;
        [CompressedFormat("four")] [IntElement(4)] [Scale(ScaleType.Float16, group: 32)]
        public readonly partial struct Four;
        """;

    private const string Five = """
        using KernelGen;
        [CompressedFormat("five")] [IntElement(5)] [Scale(ScaleType.Float16, group: 32)]
        public readonly partial struct Five;
        """;

    [Fact]
    public void Without_ILGPU_there_is_no_trace_of_it()
        => Assert.DoesNotContain(GeneratorHarness.Generate(GeneratorHarness.Compile(Four)), file => file.Key.Contains("Ilgpu", StringComparison.Ordinal) || file.Key.Contains("Gpu", StringComparison.Ordinal));

    [Fact]
    public void With_ILGPU_kernels_come_on_top_and_everything_compiles_without_a_word()
    {
        SortedDictionary<string, string> plain = GeneratorHarness.Generate(GeneratorHarness.Compile(Four)), gpu = GeneratorHarness.Generate(GeneratorHarness.CompileWithGpu(Four));
        Assert.Equal(["DeclaredGpuKernels.g.cs", "Four.Ilgpu.g.cs"], gpu.Keys.Except(plain.Keys).Order(StringComparer.Ordinal));
        Assert.All(plain, file => Assert.Equal(file.Value, gpu[file.Key]));
        Assert.Empty(GeneratorHarness.CompileGenerated(GeneratorHarness.CompileWithGpu(Four, Five)).Diagnostics);
    }

    [Fact]
    public void A_format_for_CPUs_has_none_and_the_catalogue_says_so()
    {
        SortedDictionary<string, string> files = GeneratorHarness.Generate(GeneratorHarness.CompileWithGpu(Four.Replace("[IntElement", "[Targets(KernelTargets.Cpu)] [IntElement", StringComparison.Ordinal)));
        Assert.DoesNotContain("Four.Ilgpu.g.cs", files.Keys);
        Assert.Contains("""new GpuFormat("four", null, "its declaration leaves devices out by [Targets]"),""", files["DeclaredGpuKernels.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_without_a_recipe_leaves_the_other_formats_alone()
    {
        const string odd = """
            using KernelGen;
            [CompressedFormat("odd")] [Sparse(2, 4)] [IntElement(4)] [Scale(ScaleType.Float16, group: 24)]
            public readonly partial struct Odd;
            """;
        SortedDictionary<string, string> files = GeneratorHarness.Generate(GeneratorHarness.CompileWithGpu(Four, odd));
        Assert.Contains("Four.Ilgpu.g.cs", files.Keys);
        Assert.Contains("""new GpuFormat("odd", null, "its stage Sparse has blocks of 24 weights of patterns of 4 and groups of 24; a device wants blocks and groups of a multiple of 32, and patterns that divide it"),""", files["DeclaredGpuKernels.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void Formats_of_another_assembly_are_asked_for_by_an_attribute()
    {
        using var image = new MemoryStream();
        Assert.True(GeneratorHarness.CompileGenerated(GeneratorHarness.Compile(Four)).Output.WithAssemblyName("Other").Emit(image).Success);
        CSharpCompilation compilation = GeneratorHarness.CompileWithGpu("[assembly: KernelGen.Gpu.GpuFormatsOf(typeof(Four))]").AddReferences(MetadataReference.CreateFromImage(image.ToArray()));
        Assert.Equal(["DeclaredGpuKernels.g.cs", "Four.Ilgpu.g.cs"], GeneratorHarness.Generate(compilation).Keys.Order(StringComparer.Ordinal));
        Assert.Empty(GeneratorHarness.CompileGenerated(compilation).Diagnostics);
    }

    [Fact]
    public void Changing_one_format_writes_its_kernels_again_and_no_others()
    {
        CSharpCompilation before = GeneratorHarness.CompileWithGpu(Four, Five, "class Unrelated { }");
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], Reasons(before, 1, Five.Replace("group: 32", "group: 64", StringComparison.Ordinal)));
        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Cached], Reasons(before, 2, "class Unrelated { int x; }"));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(CSharpCompilation before, int file, string text)
    {
        SyntaxTree old = before.SyntaxTrees[file];
        CSharpCompilation after = before.ReplaceSyntaxTree(old, CSharpSyntaxTree.ParseText(text, (CSharpParseOptions)old.Options, old.FilePath));
        GeneratorRunResult result = GeneratorHarness.Driver().RunGenerators(before).RunGenerators(after).GetRunResult().Results[0];
        return result.TrackedSteps[FormatGenerator.GpuStep].SelectMany(step => step.Outputs).Select(output => output.Reason)
            .Select(reason => reason == IncrementalStepRunReason.Unchanged ? IncrementalStepRunReason.Cached : reason).Order();
    }
}
