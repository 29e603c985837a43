using System.Text.RegularExpressions;

namespace KernelGen.Docs.Tests;

/// <summary>The samples and the programs of pages: they compile, run, and print what is written of them.</summary>
public sealed partial class ProgramTests
{
    public static TheoryData<string> Samples =>
        [.. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "docs/samples"), "*.cs").Select(path => Path.GetFileName(path)).Order()];

    /// <summary>Pages with code; the declarations of diagnostics.md are compiled one by one by the tests of the generator.</summary>
    public static TheoryData<string> Pages =>
        [.. Checkout.Pages.Where(page => page != "docs/diagnostics.md" && CodeBlock.Of(page).Any(block => block.Language == "csharp"))];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_prints_what_it_says(string file)
    {
        string text = Checkout.Read($"docs/samples/{file}");
        foreach (Match project in Project().Matches(text))
        {
            Assert.True(Checkout.Has($"docs/samples/{project.Groups[1].Value}"), $"{file}: {project}");
        }
        Assert.Contains($"dotnet run docs/samples/{file}", text);
        string printed = string.Concat(Printed().Match(text).Groups[1].Captures.Select(line => line.Value + "\n"));
        Assert.NotEmpty(printed);
        Assert.Equal(printed, CSharpProgram.Run(Assembly().Match(text) is { Success: true } name ? name.Groups[1].Value : "Sample", text));
    }

    /// <summary>
    /// A block with a file's name is a file of the page's project; a block with statements at its top is a program over those.
    /// </summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void Programs_of_a_page_run(string page)
    {
        CodeBlock[] blocks = [.. CodeBlock.Of(page).Where(block => block.Language == "csharp")];
        CodeBlock[] programs = [.. blocks.Where(block => IsProgram(block.Text))];
        string[] declarations = [.. blocks.Except(programs).Select(block => block.Text)];
        Assert.NotEmpty(programs);
        foreach (CodeBlock program in programs)
        {
            string output = CSharpProgram.Run("MyFormats", [program.Text, .. declarations]);
            string text = Checkout.Read(page);
            Match says = Says().Match(text[text.IndexOf(program.Text, StringComparison.Ordinal)..]);
            Assert.True(says.Success, $"{program}: the page does not say what it prints");
            Assert.Equal(says.Groups[1].Value, output.TrimEnd());
        }
    }

    private static bool IsProgram(string text) => text.Contains("Console.WriteLine", StringComparison.Ordinal);

    [GeneratedRegex(@"^#:project (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Project();

    [GeneratedRegex(@"^#:property AssemblyName=(\S+)$", RegexOptions.Multiline)]
    private static partial Regex Assembly();

    [GeneratedRegex(@"^// prints\n//\n(?://     ([^\n]+)\n)+", RegexOptions.Multiline)]
    private static partial Regex Printed();

    [GeneratedRegex(@"^```\n\nIt prints `([^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Says();
}
