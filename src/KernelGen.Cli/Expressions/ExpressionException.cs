namespace KernelGen.Cli.Expressions;

/// <summary>An expression is wrong: what, and under the expression the marks of where.</summary>
/// <param name="text">The expression.</param>
/// <param name="places">The wrong characters.</param>
/// <param name="problem">What is wrong and what would be right.</param>
internal sealed class ExpressionException(string text, IEnumerable<Range> places, string problem)
    : KeyNotFoundException($"'{text}': {problem}\n  {text}\n  {Marks(text, places)}")
{
    public ExpressionException(string text, Range place, string problem)
        : this(text, [place], problem) { }

    private static string Marks(string text, IEnumerable<Range> places)
    {
        char[] marks = new char[text.Length + 1];
        Array.Fill(marks, ' ');
        foreach (Range place in places)
        {
            (int start, int length) = place.GetOffsetAndLength(text.Length);
            marks.AsSpan(start, Math.Max(length, 1)).Fill('^'); // nothing is wrong in itself: something is missing there
        }
        return new string(marks).TrimEnd();
    }
}
