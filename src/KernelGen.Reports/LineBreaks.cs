using System.Text;

namespace KernelGen.Reports;

/// <summary>Text in lines, broken between words.</summary>
internal static class LineBreaks
{
    /// <summary>Columns of a line in everything that the project writes.</summary>
    public const int Columns = 140;

    /// <summary>The text in lines of at most <see cref="Columns"/>, where no word is longer than that.</summary>
    /// <param name="text">One line.</param>
    /// <param name="indent">What the second and later lines begin with.</param>
    public static string In(string text, string indent = "")
    {
        var lines = new StringBuilder();
        int column = 0;
        foreach (string word in text.Split(' '))
        {
            bool fits = column + 1 + word.Length <= Columns;
            string before =
                lines.Length == 0 ? ""
                : fits ? " "
                : "\n" + indent;
            lines.Append(before).Append(word);
            column = word.Length + (fits ? column + before.Length : indent.Length);
        }
        return lines.ToString();
    }
}
