using System.Text;
using KernelGen.Reports;

namespace KernelGen.Cli.Output;

/// <summary>
/// The last way out: no control code that a terminal obeys passes. Line ends and tabs do; names inside a line are made
/// visible where they are put in it.
/// </summary>
/// <param name="inner">Where the text goes.</param>
/// <param name="mayFail">Whether a stream that is closed or full is an error. Results must arrive; notes need not.</param>
internal sealed class VisibleWriter(TextWriter inner, bool mayFail) : TextWriter
{
    /// <summary>The stream without the filter, for what draws on a terminal.</summary>
    public TextWriter Inner => inner;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) =>
        Guarded(() =>
        {
            if (char.IsSurrogate(value) || (value == '\r' && Environment.NewLine.Length > 1))
            {
                inner.Write(value);
            }
            else
            {
                inner.Write(VisibleText.Of(value.ToString(), lines: true));
            }
        });

    public override void Write(string? value) =>
        Guarded(() =>
        {
            // Where lines end in two characters they come together.
            string text = Environment.NewLine.Length > 1 ? value?.Replace("\r\n", "\n", StringComparison.Ordinal) ?? "" : value ?? "";
            inner.Write(VisibleText.Of(text, lines: true));
        });

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void WriteLine(string? value) => Write(value + Environment.NewLine);

    public override void WriteLine() => Write(Environment.NewLine);

    public override void Flush() => Guarded(inner.Flush);

    private void Guarded(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Who hears notes has gone; the work goes on. Results that do not arrive are a failure.
            if (mayFail)
            {
                throw new IOException($"the results cannot be written: {e.Message}", e);
            }
        }
    }
}
