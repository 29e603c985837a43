using System.Globalization;
using System.Text;

namespace KernelGen.Reports;

/// <summary>
/// Text from files on its way out. Names and metadata may hold what a terminal, a browser or a spreadsheet obeys: control characters, marks
/// that turn the direction of writing, characters without a width. Each of them becomes the escape that JSON has for it, so that it is seen
/// and does nothing.
/// </summary>
internal static class VisibleText
{
    private const string Formulas = "=+-@";

    /// <summary>The text with everything that is not seen made visible.</summary>
    /// <param name="text">The text.</param>
    /// <param name="lines">Whether line ends and tabs are meant, as in what a whole command prints; otherwise the result is one
    /// line.</param>
    public static string Of(string text, bool lines = false)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            return text;
        }
        var visible = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!IsHidden(rune) || (lines && rune.Value is ('\n' or '\t')))
            {
                visible.Append(rune);
                continue;
            }
            Append(visible, rune);
        }
        return visible.ToString();
    }

    /// <summary>A cell of a file that spreadsheets open: never a formula, which they would compute.</summary>
    /// <remarks>The apostrophe is their sign for text (OWASP, CSV injection).</remarks>
    public static string Cell(string text) => IsFormula(text) ? $"'{Of(text)}" : Of(text);

    /// <summary>What <see cref="Cell"/> was given, of a cell read back.</summary>
    public static string OfCell(string cell) => cell.StartsWith('\'') && IsFormula(cell[1..]) ? cell[1..] : cell;

    /// <summary>Text between the signs of Markdown: no table, link, emphasis, code or HTML begins in it.</summary>
    public static string Markdown(string text)
    {
        var escaped = new StringBuilder(text.Length);
        string visible = Of(text);
        for (int i = 0; i < visible.Length; i++)
        {
            char c = visible[i];
            // An underscore inside a word, as in names of tensors, emphasises nothing.
            bool inside = c == '_' && i > 0 && i + 1 < visible.Length && IsWord(visible[i - 1]) && IsWord(visible[i + 1]);
            escaped.Append(
                c switch
                {
                    '<' => "&lt;",
                    '&' => "&amp;",
                    '|' or '\\' or '`' or '*' or '[' or '~' => $"\\{c}",
                    '_' when !inside => "\\_",
                    _ => c.ToString(),
                }
            );
        }
        return escaped.ToString();
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static bool IsFormula(string text) => text.Length > 0 && Formulas.Contains(text[0]);

    private static bool IsHidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;

    private static void Append(StringBuilder visible, Rune rune)
    {
        switch (rune.Value)
        {
            case '\n':
                visible.Append("\\n");
                break;
            case '\r':
                visible.Append("\\r");
                break;
            case '\t':
                visible.Append("\\t");
                break;
            default:
                foreach (char c in rune.ToString())
                {
                    visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                }
                break;
        }
    }
}
