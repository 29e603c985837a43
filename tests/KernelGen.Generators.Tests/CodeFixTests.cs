using System.Collections.Immutable;
using System.Text.RegularExpressions;
using KernelGen.CodeFixes;
using KernelGen.Generators.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Testing;

namespace KernelGen.Generators.Tests;

/// <summary>
/// Each code fix before and after (<c>CodeFixCases.txt</c>), one by one and all at once, by the Roslyn testing package. What comes out is
/// legal.
/// </summary>
public partial class CodeFixTests
{
    private const string Head = "using KernelGen;\nnamespace Example;\n";

    private static readonly (string Id, string Title, string Before, string After)[] Cases = ReadCases();

    public static TheoryData<int, string> Numbers
    {
        get
        {
            var data = new TheoryData<int, string>();
            for (int i = 0; i < Cases.Length; i++)
            {
                data.Add(i, $"{Cases[i].Id}: {Cases[i].Title}");
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task A_wrong_declaration_becomes_a_legal_one(int number, string title)
    {
        (string id, string expected, string before, string after) = Cases[number];
        Assert.Equal($"{id}: {expected}", title);
        await Test(Head + before, Head + after, id, expected).RunAsync();
        Assert.Empty(await GeneratorHarness.Analyze(GeneratorHarness.Compile(Head + after)));
    }

    /// <summary>All ids have a case here or, in docs/diagnostics.md, the reason why there is none.</summary>
    [Fact]
    public void Every_diagnostic_has_a_fix_or_a_reason_in_the_documentation()
    {
        string[] fixable = [.. Cases.Select(each => each.Id).Distinct().Order(StringComparer.Ordinal)];
        MatchCollection said = Said().Matches(Repository.Read("docs", "diagnostics.md"));
        Assert.Equal(Descriptors.All.Select(descriptor => descriptor.Id), said.Select(match => match.Groups["id"].Value));
        Assert.Equal(fixable, said.Where(match => match.Groups["no"].Value == "C").Select(match => match.Groups["id"].Value));
        Assert.Empty(Descriptors.All.Select(descriptor => descriptor.Id).Except(new DeclarationFixProvider().FixableDiagnosticIds));
    }

    [Fact]
    public async Task One_command_mends_a_file_of_many_declarations()
    {
        const string before = """
            [CompressedFormat("a")] [IntElement(9)]
            public readonly struct A;

            [CompressedFormat("b")] [IntElement(12)]
            public readonly partial struct B;

            [CompressedFormat("c")] [IntElement(0, Levels = IntLevels.Midrise)]
            public readonly partial struct C;
            """;
        const string after = """
            [CompressedFormat("a")] [IntElement(8)]
            public readonly partial struct A;

            [CompressedFormat("b")] [IntElement(8)]
            public readonly partial struct B;

            [CompressedFormat("c")] [IntElement(1, Levels = IntLevels.Midrise)]
            public readonly partial struct C;
            """;
        CSharpCodeFixTest<DeclarationAnalyzer, DeclarationFixProvider, DefaultVerifier> test = Test(
            Head + before,
            Head + after,
            null,
            null
        );
        test.NumberOfIncrementalIterations = 4;
        test.NumberOfFixAllIterations = 2;
        await test.RunAsync();
    }

    /// <summary>Without the using directive, names are written with their namespace.</summary>
    [Fact]
    public async Task Names_that_are_not_imported_are_written_out()
    {
        const string before = """
            [KernelGen.CompressedFormat("a")] [KernelGen.IntElement(4)]
            [KernelGen.Scale(KernelGen.ScaleType.E8M0, 32)]
            public readonly partial struct A;
            [KernelGen.CompressedFormat("b"), KernelGen.IntElement(4, Levels = KernelGen.IntLevels.Unsigned)]
            [KernelGen.Scale(KernelGen.ScaleType.Float16, group: 32)]
            public readonly partial struct B;
            """;
        string after = before
            .Replace("E8M0, 32", "E8M0, 32, Rule = KernelGen.ScaleRule.MxFloor")
            .Replace("Unsigned)]\n", "Unsigned)]\n[KernelGen.Offset(KernelGen.ScaleType.Float16)]\n");
        CSharpCodeFixTest<DeclarationAnalyzer, DeclarationFixProvider, DefaultVerifier> test = Test(before, after, null, null);
        test.NumberOfIncrementalIterations = 2;
        test.NumberOfFixAllIterations = 2;
        await test.RunAsync();
    }

    private static CSharpCodeFixTest<DeclarationAnalyzer, DeclarationFixProvider, DefaultVerifier> Test(
        string before,
        string after,
        string? id,
        string? title
    )
    {
        var test = new CSharpCodeFixTest<DeclarationAnalyzer, DeclarationFixProvider, DefaultVerifier>
        {
            TestCode = before,
            FixedCode = after,
            // the references are those of the other tests; nothing is downloaded
            ReferenceAssemblies = new ReferenceAssemblies("net10.0"),
            CompilerDiagnostics = CompilerDiagnostics.None,
            // the verified messages are those of DiagnosticTests
            TestBehaviors = TestBehaviors.SkipGeneratedCodeCheck,
            // names are compared when the compilation ends
            CodeFixTestBehaviors =
                id == Descriptors.DuplicateName.Id ? CodeFixTestBehaviors.SkipLocalDiagnosticCheck : CodeFixTestBehaviors.None,
            CodeActionVerifier = (action, verifier) =>
            {
                if (title is not null)
                {
                    verifier.Equal(title, action.Title);
                }
            },
        };
        test.TestState.AdditionalReferences.AddRange(GeneratorHarness.Compile().References);
        ImmutableArray<Diagnostic> reported = GeneratorHarness.Analyze(GeneratorHarness.Compile(before)).GetAwaiter().GetResult();
        Assert.All(reported, diagnostic => Assert.True(id is null || diagnostic.Id == id, diagnostic.ToString()));
        test.ExpectedDiagnostics.AddRange(
            reported.Select(diagnostic =>
            {
                FileLinePositionSpan span = diagnostic.Location.GetLineSpan();
                return new DiagnosticResult(diagnostic.Descriptor)
                    .WithMessage(diagnostic.GetMessage())
                    .WithSpan(
                        span.StartLinePosition.Line + 1,
                        span.StartLinePosition.Character + 1,
                        span.EndLinePosition.Line + 1,
                        span.EndLinePosition.Character + 1
                    );
            })
        );
        return test;
    }

    private static (string, string, string, string)[] ReadCases() =>
        [
            .. Case()
                .Matches(Repository.Read("tests", "KernelGen.Generators.Tests", "CodeFixCases.txt"))
                .Select(match =>
                    (match.Groups["id"].Value, match.Groups["title"].Value, match.Groups["before"].Value, match.Groups["after"].Value)
                ),
        ];

    [GeneratedRegex(
        @"^# (?<id>KG\d{4}): (?<title>[^\n]*)\n(?<before>.*?)^=>\n(?<after>.*?)(?=^# KG|\z)",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex Case();

    [GeneratedRegex(@"^## (?<id>KG\d{4})(?:(?!^## )[\s\S])*?^(?<no>No c|C)ode fix: [^\n]{12}", RegexOptions.Multiline)]
    private static partial Regex Said();
}
