using System.Text;

namespace KernelGen.Scaling;

/// <summary>Rows of comma-separated values as RFC 4180 has them: quoted cells may hold commas, doubled quotes and line ends.</summary>
public static class CsvReader
{
    /// <summary>Rows that are not empty, with the line each begins on, counted from 1.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="source">Its name for messages.</param>
    /// <exception cref="RunTableException">A quotation mark is never closed, or stands where none may.</exception>
    public static IEnumerable<(int Line, List<string> Cells)> Read(TextReader reader, string source)
    {
        int line = 0;
        while (reader.ReadLine() is { } text)
        {
            int first = ++line;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }
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
                else if (c == ',')
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
}
