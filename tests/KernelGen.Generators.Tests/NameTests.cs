using System.Collections.Immutable;
using System.Text.RegularExpressions;
using KernelGen.Generators.Emit;
using KernelGen.Generators.Model;
using KernelGen.Generators.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelGen.Generators.Tests;

/// <summary>
/// Types, namespaces, members and assemblies may have any name: generated code compiles, or one diagnostic gives the name.
/// </summary>
public partial class NameTests
{
    private static string Format(string type, string name = "a", string members = ";", string before = "") =>
        $"[CompressedFormat(\"{name}\")] [IntElement(4)] [Scale(ScaleType.Float16, group: 32)] {before} public readonly partial struct "
        + $"{type}{members}";

    [Theory]
    [InlineData("types that differ in case", "T", "namespace N; @Foo@ @FOO@")]
    [InlineData("namespaces that differ in case", "T", "namespace X { @F@ } namespace x { @F@ }")]
    [InlineData("keywords in the namespace", "T", "namespace Acme.@event.@class.@int; @Int4@")]
    [InlineData("a keyword as type", "T", "namespace Acme; @@class@ @@record@ @@void@ @@var@")]
    [InlineData("letters beyond ASCII", "T", "namespace Größe; @Zähler@ @数@")]
    [InlineData("the global namespace", "T", "@Int4@ public class Math { } public class Vector512 { } public class FormatInfo { }")]
    [InlineData(
        "types of ours nested next to it",
        "T",
        "namespace Acme; @Math@ @Unsafe@ @Vector512@ @BitPlanes@ @FormatInfo@ @Span@ @ScaleType2@"
    )]
    [InlineData(
        "namespaces named as types",
        "T",
        "namespace Acme.Math { class Q; } namespace Acme.Unsafe { class Q; } namespace Acme.F { @Int4@ }"
    )]
    [InlineData(
        "namespaces named as ours",
        "T",
        "namespace Acme.System { class Q; } namespace Acme.KernelGen { class Q; } namespace Acme { @Int4@ }"
    )]
    [InlineData(
        "the user's own types",
        "T",
        "namespace Acme; @Int4@ class Math; class MathF; struct Half; class Unsafe; class Vector128; class Span<T>; class ScaleCodec; "
            + "class BitConverter; class MemoryMarshal; class ArgumentException; class MethodImplAttribute; static class GroupMath { }"
    )]
    [InlineData(
        "generic types of the same names",
        "T",
        "namespace Acme; @Int4@ class ReadOnlySpan<T>; class Vector512<T>; class BlockCodec<T>; class IBlockFormat<T>;"
    )]
    [InlineData("a global using alias", "T", "global using Math = Acme.Q; namespace Acme; @Int4@ public class Q;")]
    [InlineData(
        "a global using namespace",
        "T",
        "global using Other; namespace Other { public class ScaleCodec; } namespace Acme { @Int4@ }"
    )]
    [InlineData(
        "a global using static",
        "T",
        "global using static Other.Holder; namespace Other { public class Holder { public class GroupMath; } } namespace Acme { @Int4@ }"
    )]
    [InlineData("types in our own namespaces", "T", "namespace System { public class BitPlanes; } namespace Acme { @Int4@ }")]
    [InlineData("obsolete as a warning", "T", "namespace Acme; !Old![System.Obsolete]!")]
    [InlineData("obsolete as an error", "T", "namespace Acme; !Old![System.Obsolete(\"no\", true)]! @New@")]
    [InlineData("two namespaces with one type name", "my.event", "namespace A { @F@ } namespace B { @F@ } namespace A.F1 { @F@ }")]
    [InlineData("an assembly named as a type", "Acme.Int4", "namespace Acme; @Int4@")]
    [InlineData("an assembly named by a keyword", "class", "namespace Acme; @Int4@")]
    [InlineData("an assembly whose name is no identifier", "7-zip.ö", "namespace Acme; @Int4@")]
    public async Task Compiles_without_a_word(string what, string assembly, string source)
    {
        CSharpCompilation compilation = GeneratorHarness.CompileAs(assembly, Source(source));
        Assert.True((await GeneratorHarness.Analyze(compilation)).IsEmpty, what);
        (Compilation output, IReadOnlyList<Diagnostic> diagnostics) = GeneratorHarness.CompileGenerated(compilation);
        Assert.True(diagnostics.Count == 0, $"{what}: {string.Join('\n', diagnostics.Take(5))}");
        int formats = Regex.Matches(source, "(?<![@\\w])@@?\\w+@|!\\w+!\\[").Count;
        Assert.Equal(
            formats,
            GeneratorHarness.Generate(compilation).Keys.Count(name => name.EndsWith("Info.g.cs", StringComparison.Ordinal))
        );
        using var image = new MemoryStream();
        Assert.True(output.Emit(image).Success);
        // the compiler runs the analyzer over generated code too
        Assert.Empty(await GeneratorHarness.Analyze(output));
    }

    [Theory]
    [InlineData("public static int Info => 1;", "Info")]
    [InlineData("public const int Spec = 1;", "Spec")]
    [InlineData("public static void Pack(float[] weights) { }", "Pack")]
    [InlineData("private struct Kept;", "Kept")]
    public async Task A_member_with_a_generated_name_is_named_and_the_other_format_lives(string member, string name)
    {
        CSharpCompilation compilation = GeneratorHarness.Compile(
            "using KernelGen; namespace N;\n" + Format("Bad", "bad", $" {{ {member} }}") + "\n" + Format("Good", "good")
        );
        Diagnostic diagnostic = Assert.Single(await GeneratorHarness.Analyze(compilation));
        Assert.Equal("KG0060", diagnostic.Id);
        Assert.Contains($"'{name}'", diagnostic.GetMessage(), StringComparison.Ordinal);
        Assert.Empty(GeneratorHarness.CompileGenerated(compilation).Diagnostics);
        Assert.Contains("N.Good.Info.g.cs", GeneratorHarness.Generate(compilation).Keys);
    }

    [Theory]
    [InlineData("Recipe")]
    [InlineData("Info")]
    [InlineData("Integers")]
    public async Task A_struct_with_the_name_of_its_member_is_named(string type)
    {
        CSharpCompilation compilation = GeneratorHarness.Compile("using KernelGen; namespace N;\n" + Format(type));
        Assert.Equal("KG0060", Assert.Single(await GeneratorHarness.Analyze(compilation)).Id);
        Assert.Empty(GeneratorHarness.CompileGenerated(compilation).Diagnostics);
    }

    [Theory]
    [InlineData("public readonly ref partial struct F;", "a ref struct")]
    [InlineData("public readonly partial record struct F;", "a record struct")]
    [InlineData("file readonly partial struct F;", "a file struct")]
    public async Task Structs_that_cannot_be_formats_are_named(string declaration, string what)
    {
        CSharpCompilation compilation = GeneratorHarness.Compile(
            "using KernelGen; namespace N; [CompressedFormat(\"a\")] [IntElement(4)] " + declaration
        );
        Diagnostic diagnostic = Assert.Single(await GeneratorHarness.Analyze(compilation));
        Assert.Equal("KG0002", diagnostic.Id);
        Assert.Contains(what, diagnostic.GetMessage(), StringComparison.Ordinal);
        Assert.Empty(GeneratorHarness.CompileGenerated(compilation).Diagnostics);
    }

    [Fact]
    public async Task A_catalogue_of_the_users_own_is_named_and_formats_keep_their_kernels()
    {
        CSharpCompilation compilation = GeneratorHarness.CompileAs(
            "T",
            "using KernelGen; namespace T { public class DeclaredFormats; " + Format("A") + " }"
        );
        Diagnostic diagnostic = Assert.Single(await GeneratorHarness.Analyze(compilation));
        Assert.Equal("KG0060", diagnostic.Id);
        Assert.Contains("'DeclaredFormats'", diagnostic.GetMessage(), StringComparison.Ordinal);
        Assert.Empty(GeneratorHarness.CompileGenerated(compilation).Diagnostics);
    }

    [Fact]
    public async Task A_type_with_the_name_of_GPU_kernels_is_named()
    {
        CSharpCompilation compilation = GeneratorHarness.CompileWithGpu(
            "using KernelGen; namespace N; public class Int4Gpu; " + Format("Int4")
        );
        Assert.Equal("KG0060", Assert.Single(await GeneratorHarness.Analyze(compilation)).Id);
    }

    [Fact]
    public void Two_parts_with_the_attribute_are_the_compilers_error_and_one_format()
    {
        CSharpCompilation compilation = GeneratorHarness.Compile(
            "using KernelGen; namespace Acme;\n" + Format("Int4") + "\n" + Format("Int4")
        );
        IReadOnlyList<Diagnostic> diagnostics = GeneratorHarness.CompileGenerated(compilation).Diagnostics;
        Assert.All(diagnostics, diagnostic => Assert.Equal("CS0579", diagnostic.Id));
        Assert.NotEmpty(diagnostics);
        Assert.Contains("Acme.Int4.Info.g.cs", GeneratorHarness.Generate(compilation).Keys);
    }

    [Fact]
    public void Every_type_in_generated_text_can_be_written_out()
    {
        // all names of the table mean something else here; the arguments of the declarations still mean our enums
        string shadow = string.Concat(Names.All.Select(name => $" public class {name}; public class {name}<T>;"));
        string[] sources =
        [
            "global using KernelGen;",
            .. Repository
                .FormatSources()
                .Skip(1)
                .Select(source =>
                    Argument().Replace(source.Replace("namespace KernelGen.Formats", "namespace Acme.Formats"), "global::KernelGen.$0")
                ),
            $"namespace Acme {{{shadow} }}",
        ];
        CSharpCompilation compilation = GeneratorHarness.Compile(sources);
        IReadOnlyList<Diagnostic> diagnostics = GeneratorHarness.CompileGenerated(compilation).Diagnostics;
        Assert.True(diagnostics.Count == 0, string.Join('\n', diagnostics.Take(10)));
    }

    [Fact]
    public void Every_member_of_generated_structs_has_a_reserved_name()
    {
        foreach ((string hint, string text) in GeneratorHarness.Generate(GeneratorHarness.Compile(Repository.FormatSources())))
        {
            if (hint == CatalogEmitter.HintName)
            {
                continue;
            }
            foreach (StructDeclarationSyntax format in Structs(CSharpSyntaxTree.ParseText(text)))
            {
                Assert.All(format.Members.SelectMany(NamesOf), name =>
                    Assert.True(ReservedNames.Contains(name), $"{hint} declares {name}")
                );
            }
        }
    }

    [Fact]
    public void Keywords_are_escaped()
    {
        foreach (SyntaxKind kind in SyntaxFacts.GetReservedKeywordKinds())
        {
            string keyword = SyntaxFacts.GetText(kind);
            Assert.True(keyword.StartsWith("__", StringComparison.Ordinal) || Identifiers.Escape(keyword) == "@" + keyword, keyword);
        }
        Assert.Equal("A.@event.B", Identifiers.EscapeDotted("A.event.B"));
    }

    [Theory]
    [InlineData("x = Math.Min(a[..Math.Max(1, 2)]);", "x = global::System.Math.Min(a[..global::System.Math.Max(1, 2)]);")]
    [InlineData("a.Math b = global::Math; @Math", "a.Math b = global::Math; @Math")]
    [InlineData(
        "partial struct Math { Math x = new() { RowMask = Math } }",
        "partial struct Math { global::System.Math x = new() { RowMask = global::System.Math } }"
    )]
    [InlineData("A<MathF>.B(MathF.Abs(x))", "A<MathF>.B(global::System.MathF.Abs(x))")]
    [InlineData("\"Math\" // Math\nMathX 'M' Math", "\"Math\" // Math\nMathX 'M' global::System.Math")]
    public void Words_are_written_out_where_they_are_types(string text, string expected) =>
        Assert.Equal(expected, Names.WrittenOut(text, "MathF"));

    private static IEnumerable<StructDeclarationSyntax> Structs(SyntaxTree tree) =>
        tree.GetRoot().DescendantNodes().OfType<StructDeclarationSyntax>().Where(type => type.Modifiers.Any(SyntaxKind.PartialKeyword));

    private static IEnumerable<string> NamesOf(MemberDeclarationSyntax member) =>
        member switch
        {
            FieldDeclarationSyntax field => field.Declaration.Variables.Select(variable => variable.Identifier.ValueText),
            PropertyDeclarationSyntax { ExplicitInterfaceSpecifier: null } property => [property.Identifier.ValueText],
            MethodDeclarationSyntax { ExplicitInterfaceSpecifier: null } method => [method.Identifier.ValueText],
            BaseTypeDeclarationSyntax type => [type.Identifier.ValueText],
            _ => [],
        };

    [GeneratedRegex(
        @"(?<=[(,=]\s*)(ScaleType|ScaleRule|IntLevels|IntCode|FloatSpecials|CodeOrder|SparseIndex|SubScaleOrder|TernaryCode|TieRule)\."
    )]
    private static partial Regex Argument();

    /// <summary>@Name@ stands for a format of that name, !Name!attribute! for one with an attribute.</summary>
    private static string Source(string text)
    {
        int number = 0;
        string formats = Regex.Replace(text, "!(\\w+)!([^!]*)!", match =>
            Format(match.Groups[1].Value, $"n{number++}", before: match.Groups[2].Value)
        );
        formats = Regex.Replace(formats, "(?<![@\\w])@(@?\\w+)@", match => Format(match.Groups[1].Value, $"n{number++}"));
        string[] globals = [.. Regex.Matches(formats, "global using [^;]*;").Select(match => match.Value)];
        return string.Concat(globals) + "using KernelGen; " + globals.Aggregate(formats, (rest, line) => rest.Replace(line, ""));
    }
}
