using System.Text.RegularExpressions;

namespace KernelGen.Docs.Tests;

/// <summary>A fenced block of a page.</summary>
/// <param name="Page">The page, from the root of the checkout.</param>
/// <param name="Line">The line of its fence, from 1.</param>
/// <param name="Language">The first word behind the fence; empty for plain text.</param>
/// <param name="Mark">The second word: why a block of commands is not run, or the file that a program is saved as.</param>
/// <param name="Text">What is between the fences.</param>
public sealed partial record CodeBlock(string Page, int Line, string Language, string Mark, string Text)
{
    /// <summary>Whether it has commands for a shell.</summary>
    public bool IsShell => Language is "sh" or "console";

    /// <summary>The blocks of a page, in order.</summary>
    public static IReadOnlyList<CodeBlock> Of(string page)
    {
        string text = Checkout.Read(page);
        return
        [
            .. Fence()
                .Matches(text)
                .Select(match => new CodeBlock(
                    page,
                    1 + text.AsSpan(0, match.Index).Count('\n'),
                    match.Groups["language"].Value,
                    match.Groups["mark"].Value,
                    match.Groups["text"].Value
                )),
        ];
    }

    public override string ToString() => $"{Page}:{Line}";

    [GeneratedRegex(@"^```(?<language>\w*) *(?<mark>\S*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
