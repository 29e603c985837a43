using System.Collections;
using System.Reflection;
using KernelGen.Kernels.Products;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelGen.Generators.Tests;

/// <summary>What an edit makes the generator do again.</summary>
public class IncrementalityTests
{
    private const string One = """
        using KernelGen;
        namespace N;
        [CompressedFormat("one")]
        [Codebook(-1f, 0f, 1f)]
        [Scale(ScaleType.Float16, group: 32)]
        [Layout(BlockField.Pairs, BlockField.Scale)]
        public readonly partial struct One;
        """;

    private const string Two = """
        using KernelGen;
        namespace N;
        [CompressedFormat("two")]
        [IntElement(4)]
        [Scale(ScaleType.Float16, group: 32)]
        public readonly partial struct Two;
        """;

    [Fact]
    public void An_unrelated_edit_does_nothing() => RequireAllCached(Edit(2, "class Unrelated { int _x = 1; }"));

    [Fact]
    public void A_comment_above_a_format_does_nothing() => RequireAllCached(Edit(0, "// a comment\n" + One));

    [Fact]
    public void Changing_one_format_generates_that_one_again()
    {
        GeneratorRunResult result = Edit(1, Two.Replace("group: 32", "group: 64"));
        Assert.Equal(
            [IncrementalStepRunReason.Modified, IncrementalStepRunReason.Unchanged],
            Reasons(result, FormatGenerator.ModelStep).Order()
        );
        Assert.Equal(
            [IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Cached],
            result
                .TrackedOutputSteps.SelectMany(step => step.Value)
                .SelectMany(step => step.Outputs)
                .Select(output => output.Reason)
                .Order()
        );
    }

    [Fact]
    public void No_tracked_value_holds_a_Roslyn_object()
    {
        GeneratorRunResult result = GeneratorHarness.Driver().RunGenerators(GeneratorHarness.Compile(One, Two)).GetRunResult().Results[0];
        foreach (string step in new[] { FormatGenerator.ModelStep, FormatGenerator.CatalogStep })
        {
            Assert.NotEmpty(result.TrackedSteps[step]);
            foreach (object value in result.TrackedSteps[step].SelectMany(run => run.Outputs).Select(output => output.Value))
            {
                RequirePlain(value, step, []);
            }
        }
    }

    private static GeneratorRunResult Edit(int file, string text)
    {
        CSharpCompilation before = GeneratorHarness.Compile(One, Two, "class Unrelated { }");
        SyntaxTree old = before.SyntaxTrees[file];
        CSharpCompilation after = before.ReplaceSyntaxTree(
            old,
            CSharpSyntaxTree.ParseText(text, (CSharpParseOptions)old.Options, old.FilePath)
        );
        return GeneratorHarness.Driver().RunGenerators(before).RunGenerators(after).GetRunResult().Results[0];
    }

    private static void RequireAllCached(GeneratorRunResult result)
    {
        Assert.All(Reasons(result, FormatGenerator.ModelStep), reason =>
            Assert.True(reason is IncrementalStepRunReason.Unchanged or IncrementalStepRunReason.Cached, $"{reason}")
        );
        Assert.All(result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs), output =>
            Assert.Equal(IncrementalStepRunReason.Cached, output.Reason)
        );
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        result.TrackedSteps[step].SelectMany(run => run.Outputs).Select(output => output.Reason);

    private static void RequirePlain(object? value, string path, HashSet<object> seen)
    {
        if (value is null || value is string || value.GetType().IsPrimitive || value.GetType().IsEnum || !seen.Add(value))
        {
            return;
        }
        Assert.False(
            value is ISymbol or SyntaxNode or Compilation or SemanticModel or Location or Diagnostic or AttributeData,
            $"{path} holds a {value.GetType()}"
        );
        if (value is IEnumerable list)
        {
            foreach (object? item in list)
            {
                RequirePlain(item, path + "[]", seen);
            }
        }
        foreach (FieldInfo field in value.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            RequirePlain(field.GetValue(value), $"{path}.{field.Name}", seen);
        }
    }
}
