using System.Buffers;
using System.Buffers.Binary;

namespace KernelGen.Models;

/// <summary>
/// A safetensors file open for reading. Opening reads and checks the header; values are read when they are asked for,
/// so a file may be larger than memory. Safe to read from several threads.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>Bytes converted at a time.</summary>
    private const int ChunkBytes = 1 << 18;

    private readonly Dictionary<string, SafetensorsTensor> _byName;

    private SafetensorsFile(ByteSource source, SafetensorsHeader header, long dataStart)
    {
        Source = source;
        Header = header;
        DataStart = dataStart;
        _byName = header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The extension by which such files are known.</summary>
    public const string Extension = ".safetensors";

    /// <summary>Path of the file.</summary>
    public string Path => Source.Path;

    /// <summary>The checked header.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>The tensors, in the order of their data.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors => Header.Tensors;

    internal ByteSource Source { get; }

    /// <summary>Where in the file the data begin.</summary>
    internal long DataStart { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        ByteSource source = ByteSource.Open(path);
        try
        {
            long length = source.Length;
            if (length < SafetensorsHeader.LengthBytes)
            {
                throw new ModelFormatException(
                    path,
                    $"the file has {length} bytes; a safetensors file starts with {SafetensorsHeader.LengthBytes} bytes of header length."
                );
            }
            Span<byte> first = stackalloc byte[SafetensorsHeader.LengthBytes];
            source.ReadExactly(first, 0);
            ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(first);
            long left = length - SafetensorsHeader.LengthBytes;
            if (headerLength > SafetensorsHeader.LongestLength || headerLength > (ulong)left)
            {
                ForeignFile.Refuse(source);
            }
            if (headerLength > SafetensorsHeader.LongestLength)
            {
                throw new ModelFormatException(
                    path,
                    $"its header says it is {headerLength} bytes long; the limit is {SafetensorsHeader.LongestLength}."
                );
            }
            if (headerLength > (ulong)left)
            {
                throw new ModelFormatException(
                    path,
                    $"its header says it is {headerLength} bytes long, but only {left} bytes follow. The file is cut off or no safetensors file."
                );
            }
            var json = new byte[headerLength];
            source.ReadExactly(json, SafetensorsHeader.LengthBytes);
            SafetensorsHeader header = SafetensorsHeader.Parse(json, left - json.Length, path);
            return new(source, header, SafetensorsHeader.LengthBytes + json.Length);
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
    public SafetensorsTensor this[string name] =>
        _byName.TryGetValue(name, out SafetensorsTensor? tensor)
            ? tensor
            : throw new KeyNotFoundException($"{Path} has no tensor '{name}'. {NearestName.Sentence(name, Tensors.Select(t => t.Name))}");

    /// <summary>Reads all values of a tensor as float32.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <exception cref="ModelFormatException">The element type cannot be read as numbers, or the tensor has more values than an array
    /// can.</exception>
    public float[] ReadSingles(SafetensorsTensor tensor)
    {
        RequireReadable(tensor);
        if (tensor.Count > Array.MaxLength)
        {
            throw new ModelFormatException(Path, $"it has {tensor.Count} values; at most {Array.MaxLength} are read at once.", tensor.Name);
        }
        var values = new float[tensor.Count];
        ReadSingles(tensor, 0, values);
        return values;
    }

    /// <summary>
    /// Reads some values of a tensor as float32. F64 is rounded to nearest; values beyond the range of float32 become infinite.
    /// </summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="start">Index of the first value.</param>
    /// <param name="values">Receives the values.</param>
    /// <exception cref="ModelFormatException">The element type cannot be read as numbers, or the file has become shorter.</exception>
    public void ReadSingles(SafetensorsTensor tensor, long start, Span<float> values)
    {
        RequireReadable(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, tensor.Count - values.Length);
        int width = tensor.Dtype.Bits() / 8;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (int done = 0; done < values.Length; )
            {
                Span<float> part = values.Slice(done, Math.Min(values.Length - done, ChunkBytes / width));
                Span<byte> bytes = buffer.AsSpan(0, part.Length * width);
                Source.ReadExactly(bytes, DataStart + tensor.Begin + (start + done) * width, tensor.Name);
                SafetensorsValues.ToSingles(tensor.Dtype, bytes, part);
                done += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads some bytes of a tensor as they are.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="start">First byte, counted from the tensor's own first.</param>
    /// <param name="bytes">Receives the bytes.</param>
    /// <exception cref="ModelFormatException">The file has become shorter.</exception>
    public void ReadBytes(SafetensorsTensor tensor, long start, Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, tensor.Bytes - bytes.Length);
        Source.ReadExactly(bytes, DataStart + tensor.Begin + start, tensor.Name);
    }

    /// <summary>Copies the bytes of a tensor to a stream.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="stream">Where to.</param>
    public void CopyTo(SafetensorsTensor tensor, Stream stream)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (long done = 0; done < tensor.Bytes; )
            {
                Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, tensor.Bytes - done));
                ReadBytes(tensor, done, part);
                stream.Write(part);
                done += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => Source.Dispose();

    private void RequireReadable(SafetensorsTensor tensor)
    {
        if (!tensor.Dtype.IsReadable())
        {
            IEnumerable<string> readable = Enum.GetValues<SafetensorsDtype>().Where(d => d.IsReadable()).Select(d => d.Name());
            throw new ModelFormatException(
                Path,
                $"its values are {tensor.Dtype.Name()}; {string.Join(", ", readable)} can be read as numbers.",
                tensor.Name
            );
        }
    }
}
