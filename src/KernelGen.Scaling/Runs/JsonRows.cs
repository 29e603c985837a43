using System.Text;

namespace KernelGen.Scaling;

/// <summary>
/// The objects of a JSON text, each with the line it begins on: one to a line, in an array, or one after the other. <c>NaN</c>,
/// <c>Infinity</c> and <c>-Infinity</c>, which Python writes and JSON does not have, become strings of these names.
/// </summary>
internal static class JsonRows
{
    private static readonly string[] s_notFinite = ["NaN", "-Infinity", "Infinity"];

    /// <summary>Reads the objects.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="source">Its name for messages.</param>
    /// <exception cref="RunTableException">Something else than an object is in the text, or an object does not end.</exception>
    public static IEnumerable<(int Line, string Json)> Read(string text, string source)
    {
        int line = 1,
            begun = 0,
            depth = 0;
        var json = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            line += c == '\n' ? 1 : 0;
            if (depth == 0)
            {
                if (c == '{')
                {
                    (begun, depth) = (line, 1);
                    json.Clear().Append(c);
                }
                else if (!char.IsWhiteSpace(c) && c is not ('[' or ']' or ','))
                {
                    throw new RunTableException(source, line, null, $"not a JSON object: it begins with '{c}'.");
                }
                continue;
            }
            if (c == '"')
            {
                int end = EndOfString(text, i);
                json.Append(text, i, end - i);
                line += text.AsSpan(i, end - i).Count('\n');
                i = end - 1;
                continue;
            }
            if (s_notFinite.FirstOrDefault(name => string.CompareOrdinal(text, i, name, 0, name.Length) == 0) is { } number)
            {
                json.Append('"').Append(number).Append('"');
                i += number.Length - 1;
                continue;
            }
            depth +=
                c == '{' ? 1
                : c == '}' ? -1
                : 0;
            json.Append(c);
            if (depth == 0)
            {
                yield return (begun, json.ToString());
            }
        }
        if (depth > 0)
        {
            throw new RunTableException(source, begun, null, "not a JSON object: it does not end.");
        }
    }

    private static int EndOfString(string text, int start)
    {
        int i = start + 1;
        while (i < text.Length && text[i] != '"')
        {
            i += text[i] == '\\' ? 2 : 1;
        }
        return Math.Min(i + 1, text.Length);
    }
}
