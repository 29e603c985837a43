namespace KernelGen.Models;

/// <summary>
/// A file that appears under its name only when it is complete: it is written in the same folder, under a name that no one else has
/// (<c>name.RANDOM.partial</c>), and renamed by <see cref="Commit"/>. Disposing without commit removes what was written. Of two writers
/// one wins whole. A file that is replaced keeps its permissions.
/// </summary>
public sealed class OutputFile : IDisposable
{
    private readonly string _partial;
    private readonly bool _overwrite;
    private bool _committed;

    private OutputFile(string path, string partial, bool overwrite, FileStream stream)
    {
        Path = path;
        _partial = partial;
        _overwrite = overwrite;
        Stream = stream;
    }

    /// <summary>The path that the file has after <see cref="Commit"/>.</summary>
    public string Path { get; }

    /// <summary>Where to write.</summary>
    public FileStream Stream { get; }

    /// <summary>Begins a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="overwrite">Whether it may replace an existing one.</param>
    /// <exception cref="IOException">The file exists and may not be replaced, or cannot be written.</exception>
    public static OutputFile Create(string path, bool overwrite)
    {
        RequireFree(path, overwrite);
        string partial = $"{path}.{System.IO.Path.GetRandomFileName()}.partial";
        // A new file is never opened through a link.
        return new(path, partial, overwrite, new FileStream(partial, NewFile(path)));
    }

    /// <summary>Throws if <paramref name="path"/> exists and may not be replaced; to be asked before long work.</summary>
    /// <param name="path">The path.</param>
    /// <param name="overwrite">Whether it may be replaced.</param>
    /// <exception cref="IOException">It exists and may not be replaced, or is a directory.</exception>
    public static void RequireFree(string path, bool overwrite)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"{path} is a directory.");
        }
        if (!overwrite && File.Exists(path))
        {
            throw new IOException($"{path} exists. It is replaced only when asked to (--force).");
        }
    }

    /// <summary>How a file is created that will replace another: new, alone, and with that one's permissions.</summary>
    internal static FileStreamOptions NewFile(string replaced)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 1 << 16,
        };
        if (!OperatingSystem.IsWindows() && File.Exists(replaced))
        {
            options.UnixCreateMode = File.GetUnixFileMode(replaced);
        }
        return options;
    }

    /// <summary>Closes the file and gives it its name.</summary>
    /// <exception cref="IOException">A file of that name has appeared meanwhile and may not be replaced.</exception>
    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_partial, Path, _overwrite);
        _committed = true;
    }

    /// <summary>Closes the file; without <see cref="Commit"/> before, nothing of it remains.</summary>
    public void Dispose()
    {
        try
        {
            Stream.Dispose(); // writes what is buffered, which fails on a full disk
        }
        finally
        {
            if (!_committed)
            {
                File.Delete(_partial);
            }
        }
    }
}
