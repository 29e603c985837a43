using System.Text;

namespace KernelGen.Generators.Emit;

/// <summary>Text with indentation: a multi-line raw string is written line by line at the current depth. Newlines are \n.</summary>
internal sealed class SourceWriter
{
    /// <summary>What every type of ours carries: the generator, and the version of its assembly.</summary>
    public static readonly string Signature =
        "[global::System.CodeDom.Compiler.GeneratedCode(\"KernelGen\", "
        + $"\"{typeof(SourceWriter).Assembly.GetName().Version.ToString(2)}\")]";

    private readonly StringBuilder _text = new();

    public int Depth { get; set; }

    /// <summary>Writes a text of one or more lines; an empty text writes nothing.</summary>
    public void Write(string text)
    {
        if (text.Length == 0)
        {
            return;
        }
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.TrimEnd('\r', ' ');
            if (line.Length > 0)
            {
                _text.Append(' ', 4 * Depth).Append(line);
            }
            _text.Append('\n');
        }
    }

    /// <summary>A blank line and then the text, to set members apart.</summary>
    public void Member(string text)
    {
        _text.Append('\n');
        Write(text);
    }

    public override string ToString() => _text.ToString();
}

/// <summary>Pieces of text for templates.</summary>
internal static class Text
{
    /// <summary>Lines joined, each but the first indented so that a hole in the middle of a line keeps its column.</summary>
    public static string Indent(string text, int spaces)
    {
        string pad = "\n" + new string(' ', spaces);
        return string.Join(pad, text.Split('\n')).Replace(pad + "\n", "\n\n");
    }

    /// <summary>A float literal that reads back as the same number.</summary>
    public static string Float(double value)
    {
        float single = (float)value;
        return float.IsNaN(single) ? "float.NaN"
            : float.IsPositiveInfinity(single) ? "float.PositiveInfinity"
            : float.IsNegativeInfinity(single) ? "float.NegativeInfinity"
            : single == 0 && double.IsNegativeInfinity(1 / value) ? "-0f"
            : single.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "f";
    }

    public static string Int(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static string Bool(bool value) => value ? "true" : "false";

    /// <summary>Literals in rows of eight.</summary>
    public static string Rows(IEnumerable<string> literals, int perRow = 8)
    {
        var rows = new List<string>();
        string[] all = [.. literals];
        for (int i = 0; i < all.Length; i += perRow)
        {
            rows.Add(string.Join(", ", all.Skip(i).Take(perRow)) + ",");
        }
        return string.Join("\n", rows);
    }
}
