using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace KernelGen.Models;

/// <summary>
/// A large file that is written in chunks, in any order and by several threads, and appears under its name when it is
/// complete. Until then it is <c>name.partial</c>, and <c>name.partial.journal</c> lists the finished chunks with a checksum
/// each: work that was cancelled or killed goes on where it was, and a chunk that did not reach the disk is found out. One of
/// the files of a <see cref="ResumableFiles"/>.
/// </summary>
internal sealed class ResumableFile : IDisposable
{
    private const string Heading = "kernelgen journal 3";

    private readonly string _path;
    private readonly bool _overwrite;
    private readonly SafeFileHandle _file;
    private readonly BackgroundFlush _flush;
    private readonly StreamWriter _journal;
    private readonly Lock _gate = new();
    private bool _closed;

    private ResumableFile(
        string path,
        bool overwrite,
        SafeFileHandle file,
        StreamWriter journal,
        IReadOnlyDictionary<int, DoneChunk> listed
    )
    {
        _path = path;
        _overwrite = overwrite;
        _file = file;
        _flush = new(file);
        _journal = journal;
        Listed = listed;
    }

    /// <summary>Chunks that the journal lists: checksums, to be checked with <see cref="Holds"/>, and what was lost.</summary>
    public IReadOnlyDictionary<int, DoneChunk> Listed { get; }

    /// <summary>What makes two runs the same work: only then may the second continue the first.</summary>
    /// <param name="header">First bytes of the file.</param>
    /// <param name="inputs">Everything else the result depends on.</param>
    public static string Fingerprint(ReadOnlySpan<byte> header, params IEnumerable<string> inputs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        foreach (string input in inputs)
        {
            hash.AppendData(MemoryMarshal.AsBytes(input.AsSpan()));
            hash.AppendData([0, 0]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Throws if a file may not be begun, or continued.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="overwrite">Whether an existing file, or an unfinished one, may be replaced.</param>
    /// <param name="resume">Whether to continue an unfinished file.</param>
    /// <param name="replace">Whether an unfinished file may be replaced: that of work which is never continued.</param>
    /// <exception cref="IOException">The file exists, or is unfinished and neither to be continued nor replaced.</exception>
    public static void RequireStartable(string path, bool overwrite, bool resume, bool replace)
    {
        // Killed between renaming and the end: the journal says that the file is ours.
        if (resume && !overwrite && File.Exists(Journal(path)) && File.Exists(path) && !File.Exists(Partial(path)))
        {
            return;
        }
        OutputFile.RequireFree(path, overwrite);
        foreach (string own in new[] { Partial(path), Journal(path) })
        {
            if (!overwrite && new FileInfo(own).LinkTarget is { } target)
            {
                throw new IOException($"{own} is a link to {target}, which is not followed. Remove it, or start over with --force.");
            }
        }
        if (overwrite || !File.Exists(Partial(path)))
        {
            return;
        }
        if (!File.Exists(Journal(path)))
        {
            throw new IOException($"{Partial(path)} exists and is not from interrupted work. Move it away, or replace it with --force.");
        }
        if (!resume && !replace)
        {
            throw new IOException(
                $"{Partial(path)} is left from work that was interrupted. Continue it with --resume, or start over with --force."
            );
        }
    }

    /// <summary>Whether work on a file has begun and not ended.</summary>
    public static bool IsUnfinished(string path) => File.Exists(Partial(path)) || File.Exists(Journal(path));

    /// <summary>
    /// Begins a file, or continues one. The journal is locked until the file is complete or given up, so that a second writer is
    /// refused.
    /// </summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="length">Bytes it will have.</param>
    /// <param name="fingerprint">What is written, see <see cref="Fingerprint"/>.</param>
    /// <param name="overwrite">Whether an existing file, or an unfinished one, may be replaced.</param>
    /// <param name="resume">Whether to continue an unfinished file.</param>
    /// <param name="replace">Whether an unfinished file may be replaced.</param>
    /// <exception cref="IOException">The file exists, is being written, is unfinished and neither to be continued nor replaced, or is
    /// other work.</exception>
    public static ResumableFile Open(string path, long length, string fingerprint, bool overwrite, bool resume, bool replace)
    {
        RequireStartable(path, overwrite, resume, replace);
        string partial = Partial(path);
        FileStream lines = LockJournal(path);
        SafeFileHandle? file = null;
        bool fresh = true;
        try
        {
            RequireStartable(path, overwrite, resume, replace); // again: another writer may have begun or ended since
            bool renamed = !File.Exists(partial) && File.Exists(path);
            fresh = !(resume && lines.Length > 0 && (renamed || File.Exists(partial)));
            Dictionary<int, DoneChunk> listed = fresh ? [] : ReadJournal(lines, fingerprint);
            if (fresh)
            {
                File.Delete(partial); // what is replaced may be a link, which is removed and not followed
            }
            else if (renamed)
            {
                File.Move(path, partial);
            }
            // The space is taken at once: a disk that is too small is found out before the work, and the file lies in one piece.
            file = fresh ? Create(path, length) : File.OpenHandle(partial, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            SetLength(file, path, length);
            lines.SetLength(fresh ? 0 : lines.Length);
            lines.Seek(0, SeekOrigin.End);
            var writer = new StreamWriter(lines) { AutoFlush = true };
            // After a journal that was cut in the middle of a line, the next one must not continue it.
            writer.WriteLine(fresh ? $"{Heading} {fingerprint}" : "");
            return new(path, overwrite, file, writer, listed);
        }
        catch
        {
            bool begun = file is not null;
            file?.Dispose();
            if (fresh)
            {
                if (begun)
                {
                    File.Delete(partial);
                }
                if (begun || !File.Exists(partial))
                {
                    File.Delete(Journal(path));
                }
            }
            lines.Dispose();
            throw;
        }
    }

    /// <summary>Opens the journal for this process alone.</summary>
    private static FileStream LockJournal(string path)
    {
        string journal = Journal(path);
        if (new FileInfo(journal).LinkTarget is not null)
        {
            File.Delete(journal); // the link and not what it leads to
        }
        try
        {
            return new(
                journal,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None
            );
        }
        catch (IOException e) when (File.Exists(journal))
        {
            throw new IOException($"{path} is being written by another process: {journal} is locked. ({e.Message})", e);
        }
    }

    private static SafeFileHandle Create(string path, long length)
    {
        string partial = Partial(path);
        try
        {
            SafeFileHandle file = File.OpenHandle(
                partial,
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.Read,
                FileOptions.None,
                length
            );
            if (!OperatingSystem.IsWindows() && File.Exists(path))
            {
                File.SetUnixFileMode(file, File.GetUnixFileMode(path));
            }
            return file;
        }
        catch (IOException) when (new FileInfo(partial) is { Exists: true, Length: 0 })
        {
            File.Delete(partial); // there was no room for it
            throw;
        }
    }

    /// <summary>Checksum of a chunk.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            sum = BitOperations.Crc32C(sum, word);
        }
        foreach (byte value in bytes[(words.Length * sizeof(ulong))..])
        {
            sum = BitOperations.Crc32C(sum, value);
        }
        return ~sum;
    }

    /// <summary>Writes bytes at their place.</summary>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(_file, bytes, offset);
        }
        catch (IOException e) when (!e.Message.Contains(_path, StringComparison.Ordinal)) // a limit of the file system names no file
        {
            throw new IOException($"{_path} cannot be written: {e.Message}", e);
        }
        _flush.Wrote(bytes.Length);
    }

    /// <summary>Whether the bytes at a place have a checksum.</summary>
    public bool Holds(Span<byte> buffer, long offset, uint checksum)
    {
        int filled = 0;
        while (filled < buffer.Length)
        {
            int read = RandomAccess.Read(_file, buffer[filled..], offset + filled);
            if (read == 0)
            {
                return false;
            }
            filled += read;
        }
        return Checksum(buffer) == checksum;
    }

    /// <summary>Notes that a chunk is written.</summary>
    public void Done(int chunk, DoneChunk done)
    {
        lock (_gate)
        {
            _journal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{chunk} {done}"));
        }
    }

    /// <summary>Waits until all of the file is on the disk.</summary>
    public void Flush() => _flush.Finish();

    /// <summary>Gives the complete file its name. Until <see cref="Forget"/> it can still be continued.</summary>
    public void Rename()
    {
        CloseFile();
        File.Move(Partial(_path), _path, _overwrite);
    }

    /// <summary>Removes the journal: the work is done.</summary>
    public void Forget() => CloseJournal(delete: true);

    /// <summary>Removes what was written: for work that would fail again.</summary>
    public void Abandon()
    {
        CloseFile();
        File.Delete(Partial(_path));
        CloseJournal(delete: true);
    }

    /// <summary>Closes the file; without <see cref="Rename"/> or <see cref="Abandon"/> before, it can be continued.</summary>
    public void Dispose()
    {
        CloseFile();
        CloseJournal(delete: false);
    }

    private static void SetLength(SafeFileHandle file, string path, long length)
    {
        try
        {
            RandomAccess.SetLength(file, length);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            throw new IOException($"{path} cannot have {length} bytes: {e.Message}", e);
        }
    }

    private static string Partial(string path) => path + ".partial";

    private static string Journal(string path) => path + ".partial.journal";

    private static Dictionary<int, DoneChunk> ReadJournal(FileStream journal, string fingerprint)
    {
        using var reader = new StreamReader(journal, leaveOpen: true);
        string[] lines = reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
        if (lines[0] != $"{Heading} {fingerprint}")
        {
            throw new IOException(
                $"{journal.Name} is of other work: the model, the formats or the options have changed since. Start over with --force."
            );
        }
        var listed = new Dictionary<int, DoneChunk>();
        foreach (string line in lines.Skip(1))
        {
            // A line that was cut is not believed; a chunk whose line is missing is done again.
            if (
                line.Split(' ') is [var chunk, .. var rest]
                && int.TryParse(chunk, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                && DoneChunk.Parse(rest) is { } done
            )
            {
                listed[index] = done;
            }
        }
        return listed;
    }

    private void CloseFile()
    {
        if (!_file.IsClosed)
        {
            _flush.Stop();
            _file.Dispose();
        }
    }

    /// <summary>Removed before it is unlocked: another writer begins its own.</summary>
    private void CloseJournal(bool delete)
    {
        if (_closed)
        {
            return;
        }
        _closed = true;
        if (delete)
        {
            File.Delete(Journal(_path));
        }
        _journal.Dispose();
    }
}
