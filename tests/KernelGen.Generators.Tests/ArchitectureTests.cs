using System.Text.RegularExpressions;

namespace KernelGen.Generators.Tests;

/// <summary>The rules that keep a format in one file.</summary>
public partial class ArchitectureTests
{
    [Fact]
    public void No_format_is_named_outside_formats_and_tests()
    {
        string[] names =
        [
            .. Repository.FormatSources().SelectMany(source => FormatType().Matches(source)).Select(match => match.Groups[1].Value),
        ];
        Assert.True(names.Length >= 40);
        string[] words =
        [
            .. Repository.FormatSources().SelectMany(source => FormatWord().Matches(source)).Select(match => match.Groups[1].Value),
        ];
        Assert.Equal(names.Length, words.Length);
        // a type's name anywhere in code, or a format's name as a literal; f32 and the like are also names of plain types
        var anyName = new Regex(
            $"""\b({string.Join('|', names.Select(Regex.Escape))})\b|"({string.Join('|', words.Where(word => word.Length > 4).Select(Regex.Escape))})" """.TrimEnd()
        );
        foreach (string folder in new[] { "src", "generators" })
        {
            foreach (string file in SourceFiles(Path.Combine(Repository.Root, folder)))
            {
                string code = Comment().Replace(File.ReadAllText(file), "");
                Match found = anyName.Match(code);
                Assert.False(found.Success, $"{Path.GetRelativePath(Repository.Root, file)} names the format {found.Value}");
            }
        }
    }

    [Fact]
    public void A_declaration_is_at_most_40_lines()
    {
        foreach (string source in Repository.FormatSources().Skip(1))
        {
            int start = 0;
            foreach (Match declaration in FormatType().Matches(source))
            {
                int first = source.LastIndexOf("\n\n", declaration.Index, StringComparison.Ordinal);
                Assert.InRange(source[Math.Max(first, start)..declaration.Index].Count(c => c == '\n'), 1, 40);
                start = declaration.Index;
            }
        }
    }

    [Fact]
    public void Only_reading_and_rules_see_Roslyn()
    {
        string root = Path.Combine(Repository.Root, "generators", "KernelGen.Generators");
        foreach (string folder in new[] { "Model", "Plan", "Emit" })
        {
            Assert.All(SourceFiles(Path.Combine(root, folder)), file =>
                Assert.DoesNotContain("Microsoft.CodeAnalysis", File.ReadAllText(file))
            );
        }
    }

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    [GeneratedRegex(@"partial struct (\w+);")]
    private static partial Regex FormatType();

    [GeneratedRegex("""CompressedFormat\("([^"]+)"\)""")]
    private static partial Regex FormatWord();

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();
}
