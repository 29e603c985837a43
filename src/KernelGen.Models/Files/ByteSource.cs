using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace KernelGen.Models;

/// <summary>
/// Bytes that are read at any place, from several threads: a file, or one that is in memory already. Files are read and
/// not mapped: a mapped page counts as memory of the process, and a file that shrinks while it is mapped ends the process.
/// </summary>
internal abstract class ByteSource(string path) : IDisposable
{
    /// <summary>Path, or a name for messages.</summary>
    public string Path { get; } = path;

    /// <summary>Number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>A file opened for reading.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ByteSource Open(string path) => new FileBytes(path);

    /// <summary>A file in memory.</summary>
    /// <param name="bytes">All its bytes.</param>
    /// <param name="name">A name for messages.</param>
    public static ByteSource Of(ReadOnlyMemory<byte> bytes, string name) => new MemoryBytes(bytes, name);

    /// <summary>Reads bytes that must be there.</summary>
    /// <param name="bytes">Receives them.</param>
    /// <param name="offset">Where they begin.</param>
    /// <param name="tensor">The tensor they belong to, for messages.</param>
    /// <exception cref="ModelFormatException">The source ends before.</exception>
    public void ReadExactly(Span<byte> bytes, long offset, string? tensor = null)
    {
        while (!bytes.IsEmpty)
        {
            int read = Read(bytes, offset);
            if (read == 0)
            {
                throw new ModelFormatException(
                    Path,
                    $"the file ends at byte {offset}; {bytes.Length} more bytes were there when it was opened.",
                    tensor
                );
            }
            bytes = bytes[read..];
            offset += read;
        }
    }

    /// <summary>Throws if the file is not what it was when it was opened.</summary>
    /// <exception cref="ModelFormatException">Its length or the time of its last change differ.</exception>
    public virtual void RequireUnchanged() { }

    public abstract void Dispose();

    protected abstract int Read(Span<byte> bytes, long offset);

    private sealed class FileBytes : ByteSource
    {
        private readonly SafeFileHandle _handle;

        private readonly (long Length, DateTime Changed) _opened;

        public FileBytes(string path)
            : base(path)
        {
            _handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            _opened = State;
        }

        public override long Length => RandomAccess.GetLength(_handle);

        private (long Length, DateTime Changed) State => (Length, File.GetLastWriteTimeUtc(_handle));

        public override void RequireUnchanged()
        {
            (long length, DateTime changed) = State;
            if (length != _opened.Length || changed != _opened.Changed)
            {
                throw new ModelFormatException(
                    Path,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"it was changed while it was read: {_opened.Length} bytes of {_opened.Changed:O} then, "
                            + $"{length} of {changed:O} now."
                    )
                );
            }
        }

        public override void Dispose() => _handle.Dispose();

        protected override int Read(Span<byte> bytes, long offset) => RandomAccess.Read(_handle, bytes, offset);
    }

    private sealed class MemoryBytes(ReadOnlyMemory<byte> bytes, string name) : ByteSource(name)
    {
        public override long Length => bytes.Length;

        public override void Dispose() { }

        protected override int Read(Span<byte> target, long offset)
        {
            ReadOnlySpan<byte> left = bytes.Span[(int)Math.Min(offset, bytes.Length)..];
            int count = Math.Min(left.Length, target.Length);
            left[..count].CopyTo(target);
            return count;
        }
    }
}
