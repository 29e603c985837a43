using System.Collections.Immutable;
using System.Text.RegularExpressions;
using KernelGen.Generators.Rules;
using Microsoft.CodeAnalysis;

namespace KernelGen.Generators.Tests;

/// <summary>Each diagnostic has a wrong and a right declaration in docs/diagnostics.md; both are compiled here.</summary>
public partial class DiagnosticTests
{
    private static readonly Dictionary<string, (string Bad, string Good, string Message)> Examples = ReadExamples();

    public static TheoryData<string> Ids => [.. Descriptors.All.Select(descriptor => descriptor.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task The_wrong_example_is_reported_and_the_right_one_is_not(string id)
    {
        Assert.True(Examples.ContainsKey(id), $"docs/diagnostics.md has no section {id}");
        (string bad, string good, string message) = Examples[id];
        ImmutableArray<Diagnostic> reported = await GeneratorHarness.Analyze(GeneratorHarness.Compile(Wrap(bad)));
        Diagnostic diagnostic = Assert.Single(reported);
        Assert.Equal(id, diagnostic.Id);
        Assert.True(message == diagnostic.GetMessage(), $"{id} says: {diagnostic.GetMessage()}");
        Assert.True(diagnostic.Location.IsInSource);

        var right = GeneratorHarness.Compile(Wrap(good));
        Assert.Empty(await GeneratorHarness.Analyze(right));
        Assert.Empty(GeneratorHarness.CompileGenerated(right).Diagnostics);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void The_wrong_example_generates_nothing_for_that_format(string id)
    {
        if (id == Descriptors.DuplicateName.Id)
        {
            return; // each of the two formats is legal by itself
        }
        SortedDictionary<string, string> files = GeneratorHarness.Generate(GeneratorHarness.Compile(Wrap(Examples[id].Bad)));
        Assert.DoesNotContain(files.Keys, name => name.StartsWith("Wrong", StringComparison.Ordinal));
    }

    [Fact]
    public void Releases_list_every_diagnostic_once()
    {
        string releases =
            Repository.Read("generators", "KernelGen.Generators", "AnalyzerReleases.Shipped.md")
            + Repository.Read("generators", "KernelGen.Generators", "AnalyzerReleases.Unshipped.md");
        Assert.Equal(
            Descriptors.All.Append(Descriptors.CannotBeWritten).Select(descriptor => descriptor.Id).Order(),
            ReleaseRow().Matches(releases).Select(match => match.Groups[1].Value).Order()
        );
    }

    private static string Wrap(string declaration) => "using KernelGen;\nnamespace Example;\n" + declaration;

    private static Dictionary<string, (string, string, string)> ReadExamples()
    {
        string text = Repository.Read("docs", "diagnostics.md");
        return Section()
            .Matches(text)
            .ToDictionary(
                match => match.Groups["id"].Value,
                match =>
                    (
                        match.Groups["bad"].Value,
                        match.Groups["good"].Value,
                        match.Groups["message"].Value.Replace("\n> ", " ", StringComparison.Ordinal).Trim()
                    )
            );
    }

    [GeneratedRegex(@"^(KG\d{4}) \|", RegexOptions.Multiline)]
    private static partial Regex ReleaseRow();

    [GeneratedRegex(
        @"^## (?<id>KG\d{4})[^\n]*\n+```csharp\n(?<bad>.*?)```\n+> (?<message>[^\n]*(?:\n> [^\n]*)*)\n+```csharp\n(?<good>.*?)```",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex Section();
}
