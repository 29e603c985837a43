using System.Text;

namespace KernelGen.Scaling;

/// <summary>
/// Rows of separated values as RFC 4180 has them: quoted cells may hold separators, doubled quotes and line ends. The separator is that of
/// the header, or the one that a line <c>sep=;</c> names; lines before the header that begin with <c>#</c> are comments.
/// </summary>
public static class CsvReader
{
    private const string Separators = ",;\t|",
        SeparatorLine = "sep=";

    /// <summary>Rows that are not empty, with the line each begins on, counted from 1.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="source">Its name for messages.</param>
    /// <exception cref="RunTableException">A quotation mark is never closed, or stands where none may.</exception>
    public static IEnumerable<(int Line, List<string> Cells)> Read(TextReader reader, string source)
    {
        int line = 0;
        char separator = '\0';
        bool begun = false;
        while (reader.ReadLine() is { } text)
        {
            int first = ++line;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }
            if (!begun && text[0] == '#')
            {
                continue;
            }
            if (!begun && text.StartsWith(SeparatorLine, StringComparison.OrdinalIgnoreCase) && text.Length == SeparatorLine.Length + 1)
            {
                separator = text[^1];
                continue;
            }
            separator = separator == '\0' ? SeparatorOf(text) : separator;
            begun = true;
            var cells = new List<string>();
            var cell = new StringBuilder();
            bool quoted = false;
            for (int i = 0; ; i++)
            {
                if (i == text.Length)
                {
                    if (!quoted)
                    {
                        break;
                    }
                    text = reader.ReadLine() ?? throw new RunTableException(source, first, null, "a quotation mark is never closed.");
                    line++;
                    cell.Append('\n');
                    i = -1;
                    continue;
                }
                char c = text[i];
                if (quoted)
                {
                    if (c != '"')
                    {
                        cell.Append(c);
                    }
                    else if (i + 1 < text.Length && text[i + 1] == '"')
                    {
                        cell.Append('"');
                        i++;
                    }
                    else
                    {
                        quoted = false;
                    }
                }
                else if (c == '"' && cell.Length == 0)
                {
                    quoted = true;
                }
                else if (c == separator)
                {
                    cells.Add(cell.ToString());
                    cell.Clear();
                }
                else
                {
                    cell.Append(c);
                }
            }
            cells.Add(cell.ToString());
            yield return (first, cells);
        }
    }

    /// <summary>The separator that a header has most of outside quotation marks; a comma where it has none.</summary>
    private static char SeparatorOf(string header)
    {
        string outside = string.Concat(header.Split('"').Where((_, i) => i % 2 == 0));
        return Separators.MaxBy(separator => outside.Count(c => c == separator));
    }
}
