using System.Text;

namespace KernelGen.Docs.Tests;

/// <summary>One command of a block, as a shell reads it: words without quotes, and the file that its output goes to.</summary>
/// <param name="Words">The program and its arguments.</param>
/// <param name="Expected">Lines that the page shows as its output; empty where it shows none.</param>
/// <param name="Output">The file behind <c>&gt;</c>.</param>
public sealed record ShellCommand(IReadOnlyList<string> Words, IReadOnlyList<string> Expected, string? Output = null)
{
    private static readonly string[] FromSource = ["dotnet", "run", "-c", "Release", "--project", "src/KernelGen.Cli", "--"];

    /// <summary>The arguments of <c>kernelgen</c>, installed or run from source; null for other programs.</summary>
    public string[]? KernelGenArguments =>
        Words[0] == "kernelgen" ? [.. Words.Skip(1)]
        : Words.Take(FromSource.Length).SequenceEqual(FromSource) ? [.. Words.Skip(FromSource.Length)]
        : null;

    /// <summary>The commands of a block. In <c>console</c> blocks they are behind <c>$ </c>, and the rest is output.</summary>
    public static IReadOnlyList<ShellCommand> Of(CodeBlock block)
    {
        if (block.Language == "sh")
        {
            return [.. Parse(block.Text)];
        }
        List<ShellCommand> commands = [];
        foreach (string part in ("\n" + block.Text).Split("\n$ ").Skip(1))
        {
            string[] lines = part.TrimEnd('\n').Split('\n');
            int last = Array.FindIndex(lines, line => !line.EndsWith('\\'));
            ShellCommand[] typed = [.. Parse(string.Join('\n', lines[..(last + 1)]))];
            commands.AddRange(typed[..^1]);
            commands.Add(typed[^1] with { Expected = lines[(last + 1)..] });
        }
        return commands;
    }

    /// <summary>Quotes, comments, continued lines, <c>&gt;</c>, and what separates commands.</summary>
    public static IEnumerable<ShellCommand> Parse(string text)
    {
        List<string> words = [];
        var word = new StringBuilder();
        bool inWord = false,
            intoFile = false;
        string? output = null;
        text = text.Replace("\\\n", " ") + "\n";
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is '\'' or '"')
            {
                int end = text.IndexOf(c, i + 1);
                word.Append(text, i + 1, end - i - 1);
                (inWord, i) = (true, end);
            }
            else if (c == '#' && !inWord)
            {
                i = text.IndexOf('\n', i) - 1;
            }
            else if (c is ' ' or '\n' or '|' or ';' or '&' or '>')
            {
                if (inWord && intoFile)
                {
                    output = word.ToString();
                    intoFile = false;
                }
                else if (inWord)
                {
                    words.Add(word.ToString());
                }
                (inWord, _) = (false, word.Clear());
                intoFile |= c == '>';
                if (c is not (' ' or '>') && words.Count > 0)
                {
                    yield return new(words, [], output);
                    (words, output) = ([], null);
                }
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }
    }

    public override string ToString() => string.Join(' ', Words);
}
