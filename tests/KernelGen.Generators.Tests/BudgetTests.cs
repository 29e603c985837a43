using System.Text.RegularExpressions;

namespace KernelGen.Generators.Tests;

/// <summary>
/// Sizes that only go down. Where a number is above its goal it is what the tree had when the test was written: lower it with the tree,
/// raise it only with a reason in the commit.
/// </summary>
public partial class BudgetTests
{
    private static readonly string[] Generator = [.. Sources("generators", "KernelGen.Generators")];
    private static readonly string[] Runtime = [.. Sources("src", "KernelGen")];

    private static readonly Lazy<SortedDictionary<string, string>> Emitted = new(() =>
        GeneratorHarness.Generate(GeneratorHarness.Compile(Repository.FormatSources()))
    );

    /// <summary>Goal 6,000, then 5,000. The formatter makes some 20 % of it, the GPU text of integer products 300 lines.</summary>
    [Fact]
    public void The_generator_has_few_lines() => Assert.InRange(Generator.Sum(file => File.ReadLines(file).Count()), 1, 8000);

    [Fact]
    public void Files_have_at_most_400_lines()
    {
        // goal: none
        string[] longer = ["GaussianGrids.Large.cs", "Int8Lanes256.cs", "Int8Lanes512.cs", "SuperScaleSearch.cs"];
        Assert.All(Generator.Concat(Runtime).Where(file => !longer.Contains(Path.GetFileName(file))), file =>
            Assert.True(File.ReadLines(file).Count() <= 400, file)
        );
    }

    /// <summary>Goal 0: templates and sentences that the formatter does not break.</summary>
    [Fact]
    public void Few_lines_are_longer_than_140_columns() =>
        Assert.InRange(Generator.Concat(Runtime).SelectMany(File.ReadLines).Count(line => line.Length > 140), 0, 4);

    /// <summary>Goal 300: those above have tables of 16 boundaries or three planes for each of three widths.</summary>
    [Fact]
    public void A_scalar_format_is_few_lines_of_text()
    {
        Dictionary<string, int> lines = Emitted
            .Value.Where(file => file.Key.EndsWith(".Recipe.g.cs", StringComparison.Ordinal))
            .Select(file => file.Key[..^".Recipe.g.cs".Length])
            .ToDictionary(format => format, format => Lines($"{format}.Info.g.cs") + Lines($"{format}.Recipe.g.cs"));
        Assert.True(lines.Count >= 40);
        Assert.All(lines, format => Assert.True(format.Value <= 345, $"{format.Key} is {format.Value} lines"));
        Assert.InRange(lines.Values.Order().ElementAt(lines.Count / 2), 1, 300);
    }

    /// <summary>82,062 lines before loops moved to the runtime, 27,700 before codecs of blocks did.</summary>
    [Fact]
    public void The_catalogue_is_few_lines_of_text() => Assert.InRange(Emitted.Value.Keys.Sum(Lines), 1, 21_700);

    /// <summary>Goal 0.</summary>
    [Fact]
    public void Few_emitted_lines_are_longer_than_140_columns() =>
        Assert.InRange(Emitted.Value.Values.SelectMany(text => text.Split('\n')).Count(line => line.Length > 140), 0, 950);

    /// <summary>Goal 40.</summary>
    [Fact]
    public void Users_see_few_types() =>
        Assert.InRange(typeof(CompressedFormat).Assembly.GetExportedTypes().Count(type => type.Namespace == "KernelGen"), 1, 50);

    /// <summary>17 before the runtime derived the others.</summary>
    [Fact]
    public void A_format_has_to_state_few_members() =>
        Assert.InRange(typeof(ICompressedFormat<>).GetMethods().Count(method => method.IsAbstract), 1, 3);

    [Fact]
    public void No_two_rooms_of_the_runtime_know_each_other()
    {
        // goal: none
        string[] known = ["Facts and Kernels.Products", "Kernels.Elements and Kernels.Products"];
        Dictionary<string, string> texts = Runtime
            .Where(file => Room(file) is not null)
            .ToDictionary(file => file, file => Literal().Replace(Comment().Replace(File.ReadAllText(file), ""), "\"\""));
        Dictionary<string, string> roomOf = texts
            .SelectMany(file => Declared().Matches(file.Value).Select(match => (Type: match.Groups[1].Value, Room: Room(file.Key)!)))
            .DistinctBy(entry => entry.Type)
            .ToDictionary(entry => entry.Type, entry => entry.Room);
        HashSet<(string From, string To)> references =
        [
            .. texts
                .SelectMany(file =>
                    Word().Matches(file.Value).Select(match => (From: Room(file.Key)!, To: roomOf.GetValueOrDefault(match.Value)))
                )
                .Where(entry => entry.To is not null && entry.To != entry.From)
                .Select(entry => (entry.From, entry.To!)),
        ];
        Assert.Contains(("Face", "Facts"), references);
        string[] both =
        [
            .. references
                .Where(entry => references.Contains((entry.To, entry.From)) && string.CompareOrdinal(entry.From, entry.To) < 0)
                .Select(entry => $"{entry.From} and {entry.To}")
                .Except(known)
                .Order(StringComparer.Ordinal),
        ];
        Assert.True(both.Length == 0, "These know each other both ways: " + string.Join("; ", both));
    }

    private static int Lines(string hint) => Emitted.Value[hint].Count(c => c == '\n');

    /// <summary>Folder of the runtime, or of Kernels in it; null for files that are in neither.</summary>
    private static string? Room(string file)
    {
        string[] parts = Path.GetRelativePath(Path.Combine(Repository.Root, "src", "KernelGen"), file).Split(Path.DirectorySeparatorChar);
        return parts.Length < 2 ? null
            : parts[0] == "Kernels" ? $"Kernels.{parts[1]}"
            : parts[0];
    }

    private static IEnumerable<string> Sources(params string[] folder) =>
        Directory
            .EnumerateFiles(Path.Combine([Repository.Root, .. folder]), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "Generated"));

    [GeneratedRegex(
        @"^(?:public|internal|file)[\w ]*?\b(?:class|struct|interface|enum|record struct|record) (\w+)",
        RegexOptions.Multiline
    )]
    private static partial Regex Declared();

    // a word that names a type: no member, and no method unless it is constructed
    [GeneratedRegex(@"(?<![.\w])[A-Z]\w+\b(?!\()|(?<=new )[A-Z]\w+")]
    private static partial Regex Word();

    [GeneratedRegex("""//[^\n]*""")]
    private static partial Regex Comment();

    [GeneratedRegex(
        """
            "(\\.|[^"\\\n])*"
            """
    )]
    private static partial Regex Literal();
}
