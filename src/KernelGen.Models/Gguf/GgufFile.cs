namespace KernelGen.Models;

/// <summary>
/// A GGUF file open for reading. Opening reads and checks the header; values are read when they are asked for, so a file may
/// be larger than memory. Safe to read from several threads.
/// </summary>
public sealed class GgufFile : IDisposable
{
    private readonly Dictionary<string, GgufTensor> _byName;

    private GgufFile(ByteSource source, GgufHeader header)
    {
        Source = source;
        Header = header;
        _byName = header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The extension by which such files are known.</summary>
    public const string Extension = ".gguf";

    /// <summary>Path of the file.</summary>
    public string Path => Source.Path;

    /// <summary>The checked header.</summary>
    public GgufHeader Header { get; }

    /// <summary>The tensors in the order of the file.</summary>
    public IReadOnlyList<GgufTensor> Tensors => Header.Tensors;

    internal ByteSource Source { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GgufFile Open(string path) => Open(ByteSource.Open(path));

    /// <summary>Checks the header of a source, which is closed with the file, or now if it is malformed.</summary>
    internal static GgufFile Open(ByteSource source)
    {
        try
        {
            return new(source, new GgufHeaderParser(source).Parse());
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Finds a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor; the message names the nearest ones.</exception>
    public GgufTensor this[string name] =>
        _byName.TryGetValue(name, out GgufTensor? tensor)
            ? tensor
            : throw new KeyNotFoundException($"{Path} has no tensor '{name}'. {NearestName.Sentence(name, Tensors.Select(t => t.Name))}");

    /// <summary>Reads some bytes of a tensor as they are.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="start">First byte, counted from the tensor's own first.</param>
    /// <param name="bytes">Receives the bytes.</param>
    /// <exception cref="ModelFormatException">The file has become shorter.</exception>
    public void ReadBytes(GgufTensor tensor, long start, Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, tensor.Bytes - bytes.Length);
        Source.ReadExactly(bytes, Header.DataStart + tensor.Offset + start, tensor.Name);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => Source.Dispose();
}
