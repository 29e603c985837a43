using System.Text.RegularExpressions;

namespace KernelGen.Docs.Tests;

/// <summary>What pages point to is there: files, folders, sections.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages => [.. Checkout.Pages, "CHANGELOG.md", "SECURITY.md", "CODE_OF_CONDUCT.md"];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_and_paths_exist(string page)
    {
        string text = Fenced().Replace(Checkout.Read(page), "");
        foreach (Match link in Link().Matches(text).Where(link => !link.Groups["to"].Value.Contains("://", StringComparison.Ordinal)))
        {
            string[] to = link.Groups["to"].Value.Split('#');
            string file = to[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, to[0]);
            Assert.True(Checkout.Has(file), $"{page}: {link.Value}: there is no {file}");
            Assert.True(to.Length < 2 || Sections(file).Contains(to[1]), $"{page}: {link.Value}: {file} has no such section");
        }
        foreach (Match path in Inline().Matches(text))
        {
            Assert.True(Checkout.Has(path.Groups[1].Value), $"{page}: there is no {path.Groups[1].Value}");
        }
    }

    /// <summary>The anchors of a page, as GitHub makes them.</summary>
    private static IEnumerable<string> Sections(string page) =>
        Heading()
            .Matches(Checkout.Read(page))
            .Select(heading => NoAnchor().Replace(heading.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"^```.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:src|tests|benchmarks|docs|formats|generators|\.ci)/[\w./-]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();
}
