namespace KernelGen.Cli;

/// <summary>The streams that the process was started with, which may be closed.</summary>
internal static class StandardStreams
{
    /// <summary>Where results go; writing to it fails if it is closed.</summary>
    public static TextWriter Out => Open(() => Console.Out) ?? new StreamWriter(new ClosedStream()) { AutoFlush = true };

    /// <summary>Where notes go; nowhere if it is closed.</summary>
    public static TextWriter Error => Open(() => Console.Error) ?? TextWriter.Null;

    /// <summary>Whether a stream is a terminal; one that is closed is none.</summary>
    public static bool IsTerminal(Func<bool> redirected)
    {
        try
        {
            return !redirected();
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static TextWriter? Open(Func<TextWriter> stream)
    {
        try
        {
            return stream();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed class ClosedStream : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("standard output is closed.");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("standard output is closed.");
    }
}
