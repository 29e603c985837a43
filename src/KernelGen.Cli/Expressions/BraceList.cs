using System.Text.RegularExpressions;

namespace KernelGen.Cli.Expressions;

/// <summary>Lists of formats on the command line: <c>int4:g{16,32},nf4:g64</c> are three.</summary>
internal static partial class BraceList
{
    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex List();

    [GeneratedRegex(@",(?![^{}]*\})")]
    private static partial Regex Comma();

    /// <summary>The names one by one: commas outside braces part them, a list in braces means one name for each of its entries.</summary>
    /// <exception cref="ExpressionException">A brace has no partner.</exception>
    public static IEnumerable<string> Separate(string text)
    {
        string rest = List().Replace(text, list => new string('.', list.Length));
        int brace = rest.IndexOfAny(['{', '}']);
        return brace < 0
            ? Comma().Split(text).Select(name => name.Trim()).Where(name => name.Length > 0).SelectMany(Expand)
            : throw new ExpressionException(text, brace..(brace + 1), "this brace has no partner; a list is for instance g{16,32}.");
    }

    private static IEnumerable<string> Expand(string text) =>
        List().Match(text) is { Success: true } list
            ? list.Value[1..^1]
                .Split(',')
                .SelectMany(entry => Expand(string.Concat(text.AsSpan(0, list.Index), entry.Trim(), text.AsSpan(list.Index + list.Length))))
            : [text];
}
