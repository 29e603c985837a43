using System.Text.RegularExpressions;
using KernelGen.Cli;
using KernelGen.Cli.Input;
using KernelGen.Formats;
using KernelGen.Tests;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // the current folder and the console belong to one test at a time

namespace KernelGen.Docs.Tests;

/// <summary>
/// The commands of README and docs. Blocks are run in the order of their page, in a folder that has the checkout's run tables and grids,
/// and the files that the page shows. A block is marked behind its language where it needs more than that.
/// </summary>
public sealed partial class PageTests : IDisposable
{
    /// <summary>Why a block of commands is only checked for its options.</summary>
    private static readonly string[] Marks = ["slow", "gpu", "data", "build", "cluster"];

    private readonly ScratchFolder _scratch = new();
    private readonly string _before = Environment.CurrentDirectory;

    public static TheoryData<string> Pages => [.. Checkout.Pages];

    public static TheoryData<string> PagesWithCommands => [.. Checkout.Pages.Where(page => Runnable(page).Any())];

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        _scratch.Dispose();
    }

    [Theory]
    [MemberData(nameof(PagesWithCommands))]
    public void Commands_run_as_they_are_pasted(string page)
    {
        Prepare(page);
        foreach (CodeBlock block in Runnable(page))
        {
            foreach (ShellCommand command in ShellCommand.Of(block))
            {
                string where = $"{block}: {command}";
                Assert.True(
                    command.KernelGenArguments is not null,
                    $"{where} is not run here: mark its block {string.Join(" or ", Marks)}"
                );
                using StringWriter output = new() { NewLine = "\n" },
                    error = new() { NewLine = "\n" };
                int code = KernelGenCommand.Run(command.KernelGenArguments, Usual with { Out = output, Error = error });
                Assert.True(code == 0, $"{where}\nexit code {code}\n{output}\n{error}");
                if (command.Output is { } file)
                {
                    File.WriteAllText(file, output.ToString());
                }
                HasLines($"{output}\n{error}", command.Expected, where);
            }
        }
    }

    /// <summary>Options and commands that exist, files of the checkout that exist, and packages that it makes.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void Marked_commands_are_known(string page)
    {
        foreach (CodeBlock block in CodeBlock.Of(page).Where(block => block.IsShell))
        {
            Assert.True(
                block.Mark.Length == 0 || Marks.Contains(block.Mark),
                $"{block}: '{block.Mark}' is none of {string.Join(", ", Marks)}"
            );
            Assert.All(ShellCommand.Of(block), command => IsKnown(block, command));
        }
        foreach (Match inline in Inline().Matches(Checkout.Read(page)))
        {
            ShellCommand command = ShellCommand.Parse(inline.Groups[1].Value).First();
            if (!command.Words.Any(word => word.Contains('…')))
            {
                // Help is asked for, so that a mention of the command alone needs no arguments.
                Parses([.. command.KernelGenArguments!, "--help"], $"{page}: {command}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_are_in_blocks_that_are_checked(string page) =>
        Assert.All(CodeBlock.Of(page).Where(block => !block.IsShell), block =>
            Assert.False(Typed().IsMatch(block.Text), $"{block} has commands: begin it with ```sh or ```console")
        );

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_begins_with_what_it_is_for_and_a_command(string page)
    {
        if (page.StartsWith("docs/", StringComparison.Ordinal) && page.Count(c => c == '/') == 1)
        {
            Assert.Matches(@"^# [^\n]+\n\nAfter this page you ", Checkout.Read(page));
            Assert.True(CodeBlock.Of(page)[0].IsShell, $"{page}: the first block is no command");
        }
    }

    private static CommandEnvironment Usual =>
        new()
        {
            Catalog = DeclaredFormats.Catalog,
            Source = new GeneratorSource(),
            Out = TextWriter.Null,
            Error = TextWriter.Null,
        };

    private static IEnumerable<CodeBlock> Runnable(string page) =>
        CodeBlock.Of(page).Where(block => block.IsShell && block.Mark.Length == 0);

    /// <summary>The inputs: what a reader has after a clone, and what the page says to save.</summary>
    private void Prepare(string page)
    {
        Environment.CurrentDirectory = Directory.CreateDirectory(_scratch["work"]).FullName;
        foreach (string folder in new[] { "docs/laboratory", "benchmarks/laboratory" })
        {
            Directory.CreateDirectory(folder);
            foreach (string file in Directory.EnumerateFiles(Path.Combine(Checkout.Root, folder)))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }
        }
        File.Copy(Path.Combine(Checkout.Root, "README.md"), "README.md");
        foreach (CodeBlock file in CodeBlock.Of(page).Where(block => !block.IsShell && block.Mark.Length > 0))
        {
            File.WriteAllText(file.Mark, file.Text);
        }
    }

    private static void IsKnown(CodeBlock block, ShellCommand command)
    {
        if (command.KernelGenArguments is { } arguments)
        {
            Parses(arguments, $"{block}: {command}");
            return;
        }
        if (command.Words is ["dotnet", "add", "package", ..] or ["dotnet", "tool" or "new", "install", ..])
        {
            string package = command.Words.Last(word => word.StartsWith(nameof(KernelGen), StringComparison.Ordinal));
            string project = $"{(command.Words[1] == "new" ? "templates" : "src")}/{package}/{package}.csproj";
            Assert.True(Checkout.Has(project), $"{block}: {command}: there is no {project}");
            Assert.Contains("<IsPackable>true</IsPackable>", Checkout.Read(project));
        }
        foreach (string path in command.Words.Where(word => Own().IsMatch(word)))
        {
            Assert.True(Checkout.Has(path), $"{block}: {command}: there is no {path}");
        }
    }

    private static void Parses(string[] arguments, string where)
    {
        var errors = KernelGenCommand.Root(Usual, OwnFormats.Option()).Parse(arguments).Errors;
        Assert.True(errors.Count == 0, $"{where}: {string.Join(' ', errors.Select(error => error.Message))}");
    }

    /// <summary>Each shown line's words are words of a line of the output, in order: pages may leave out columns, and lines.</summary>
    private static void HasLines(string output, IEnumerable<string> shown, string where)
    {
        string[][] lines = [.. output.Split('\n').Select(Words)];
        foreach (string line in shown.Where(line => line.Trim() is not ("" or "…") && !line.Contains('─')))
        {
            string[] words = [.. Words(line).Where(word => word != "…")];
            Assert.True(lines.Any(printed => Holds(printed, words)), $"{where}\ndoes not print\n{line}\nbut\n{output}");
        }

        static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        static bool Holds(string[] printed, string[] words)
        {
            int found = 0;
            foreach (string word in printed)
            {
                found += found < words.Length && word == words[found] ? 1 : 0;
            }
            return found == words.Length;
        }
    }

    [GeneratedRegex(@"`(kernelgen [a-z][^`\n]*)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"^(\$ )?(kernelgen|dotnet|bash|sbatch) ", RegexOptions.Multiline)]
    private static partial Regex Typed();

    /// <summary>A path of the checkout: a test makes sure that it exists.</summary>
    [GeneratedRegex(@"^(src|tests|benchmarks|docs|formats|generators|\.ci)/[\w./-]*$")]
    private static partial Regex Own();
}
