using KernelGen.Kernels.Elements;
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
    public void Without_ILGPU_there_is_no_trace_of_it() =>
        Assert.DoesNotContain(GeneratorHarness.Generate(GeneratorHarness.Compile(Four)), file =>
            file.Key.Contains("Ilgpu", StringComparison.Ordinal) || file.Key.Contains("Gpu", StringComparison.Ordinal)
        );

    [Fact]
    public void With_ILGPU_kernels_come_on_top_and_everything_compiles_without_a_word()
    {
        SortedDictionary<string, string> plain = GeneratorHarness.Generate(GeneratorHarness.Compile(Four)),
            gpu = GeneratorHarness.Generate(GeneratorHarness.CompileWithGpu(Four));
        Assert.Equal(["DeclaredGpuKernels.g.cs", "Four.Ilgpu.g.cs"], gpu.Keys.Except(plain.Keys).Order(StringComparer.Ordinal));
        Assert.All(plain, file => Assert.Equal(file.Value, gpu[file.Key]));
        Assert.Empty(GeneratorHarness.CompileGenerated(GeneratorHarness.CompileWithGpu(Four, Five)).Diagnostics);
    }

    [Fact]
    public void A_format_for_CPUs_has_none_and_the_catalogue_says_so()
    {
        SortedDictionary<string, string> files = GeneratorHarness.Generate(
            GeneratorHarness.CompileWithGpu(
                Four.Replace("[IntElement", "[Targets(KernelTargets.Cpu)] [IntElement", StringComparison.Ordinal)
            )
        );
        Assert.DoesNotContain("Four.Ilgpu.g.cs", files.Keys);
        Assert.Contains(
            """new global::KernelGen.Gpu.GpuFormat("four", null, "its declaration leaves devices out by [Targets]"),""",
            files["DeclaredGpuKernels.g.cs"],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(
        "[Outliers(0.02, ScaleType.Float16, Scope = SelectionScope.Block)] [IntElement(4, Levels = IntLevels.Midrise)] "
            + "[Scale(ScaleType.Float16, group: 32)]",
        "its stage Outliers chooses in blocks over elements without a level of zero, and a device puts zero in their places; "
            + "SelectionScope.Row has a recipe"
    )]
    [InlineData(
        "[Outliers(0.02, ScaleType.Float16, Scope = SelectionScope.Block)] [E8P] [Scale(ScaleType.Float16, group: 256, Rule = "
            + "ScaleRule.MinimiseError)]",
        "its stage Outliers chooses in blocks over elements that are coded together or have no table, for which devices have no recipe; "
            + "SelectionScope.Row has one"
    )]
    public void A_stage_without_a_recipe_says_why_and_leaves_the_other_formats_alone(string stages, string reason)
    {
        SortedDictionary<string, string> files = GeneratorHarness.Generate(
            GeneratorHarness.CompileWithGpu(
                Four,
                $"using KernelGen; [CompressedFormat(\"odd\")] {stages} public readonly partial struct Odd;"
            )
        );
        Assert.Contains("Four.Ilgpu.g.cs", files.Keys);
        Assert.Contains(
            $"""new global::KernelGen.Gpu.GpuFormat("odd", null, "{reason}"),""",
            files["DeclaredGpuKernels.g.cs"],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("[Sparse(2, 4)] [IntElement(4)] [Scale(ScaleType.Float16, group: 24)]")]
    [InlineData(
        "[Sparse(0.3)] [IntElement(4, Levels = IntLevels.Unsigned)] [Scale(ScaleType.Float16, group: 200)] [Offset(ScaleType.Float16)]"
    )]
    [InlineData(
        "[Sparse(0.3)] [IntElement(4, Levels = IntLevels.Unsigned)] [Scale(ScaleType.Float16, group: 40)] [Offset(ScaleType.Float32)]"
    )]
    public void Masks_of_any_kind_have_a_recipe_that_compiles(string stages)
    {
        string odd = $"using KernelGen; [CompressedFormat(\"odd\")] {stages} public readonly partial struct Odd;";
        Assert.Contains("Odd.Ilgpu.g.cs", GeneratorHarness.Generate(GeneratorHarness.CompileWithGpu(odd)).Keys);
        Assert.Empty(GeneratorHarness.CompileGenerated(GeneratorHarness.CompileWithGpu(odd)).Diagnostics);
    }

    [Fact]
    public void Formats_of_another_assembly_are_asked_for_by_an_attribute()
    {
        using var image = new MemoryStream();
        Assert.True(GeneratorHarness.CompileGenerated(GeneratorHarness.Compile(Four)).Output.WithAssemblyName("Other").Emit(image).Success);
        CSharpCompilation compilation = GeneratorHarness
            .CompileWithGpu("[assembly: KernelGen.Gpu.GpuFormatsOf(typeof(Four))]")
            .AddReferences(MetadataReference.CreateFromImage(image.ToArray()));
        Assert.Equal(
            ["DeclaredGpuKernels.g.cs", "Four.Ilgpu.g.cs"],
            GeneratorHarness.Generate(compilation).Keys.Order(StringComparer.Ordinal)
        );
        Assert.Empty(GeneratorHarness.CompileGenerated(compilation).Diagnostics);
    }

    [Fact]
    public void Changing_one_format_writes_its_kernels_again_and_no_others()
    {
        CSharpCompilation before = GeneratorHarness.CompileWithGpu(Four, Five, "class Unrelated { }");
        Assert.Equal(
            [IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached],
            Reasons(before, 1, Five.Replace("group: 32", "group: 64", StringComparison.Ordinal))
        );
        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Cached], Reasons(before, 2, "class Unrelated { int x; }"));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(CSharpCompilation before, int file, string text)
    {
        SyntaxTree old = before.SyntaxTrees[file];
        CSharpCompilation after = before.ReplaceSyntaxTree(
            old,
            CSharpSyntaxTree.ParseText(text, (CSharpParseOptions)old.Options, old.FilePath)
        );
        GeneratorRunResult result = GeneratorHarness.Driver().RunGenerators(before).RunGenerators(after).GetRunResult().Results[0];
        return result
            .TrackedSteps[FormatGenerator.GpuStep]
            .SelectMany(step => step.Outputs)
            .Select(output => output.Reason)
            .Select(reason => reason == IncrementalStepRunReason.Unchanged ? IncrementalStepRunReason.Cached : reason)
            .Order();
    }
}
