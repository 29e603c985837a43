using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace KernelGen.Models;

/// <summary>Writes GGUF files of version 3: the same tensors and metadata always give the same bytes.</summary>
public static class GgufWriter
{
    /// <summary>Bytes of a name that ggml's reader takes: GGML_MAX_NAME without the zero at the end.</summary>
    public const int LongestName = 63;

    private const uint Version = 3;

    /// <summary>Writes a file next to <paramref name="path"/> and renames it when it is complete.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="tensors">The tensors, in the order in which they are to lie.</param>
    /// <param name="metadata">Metadata in order; <see cref="GgufHeader.AlignmentKey"/> among them sets the alignment.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="cancellation">Cancels between tensors; nothing is left behind then.</param>
    /// <exception cref="ArgumentException">A name, key, shape or alignment cannot be written.</exception>
    /// <exception cref="IOException">The file exists and may not be replaced, or cannot be written.</exception>
    public static void Write(
        string path,
        IReadOnlyList<GgufEntry> tensors,
        IReadOnlyList<KeyValuePair<string, GgufValue>>? metadata = null,
        bool overwrite = false,
        CancellationToken cancellation = default
    )
    {
        using OutputFile file = OutputFile.Create(path, overwrite);
        Write(file.Stream, tensors, metadata, cancellation);
        cancellation.ThrowIfCancellationRequested();
        file.Commit();
    }

    /// <summary>Writes a file's bytes to a stream.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">Metadata in order.</param>
    /// <param name="cancellation">Cancels between tensors.</param>
    public static void Write(
        Stream stream,
        IReadOnlyList<GgufEntry> tensors,
        IReadOnlyList<KeyValuePair<string, GgufValue>>? metadata = null,
        CancellationToken cancellation = default
    )
    {
        FileLayout layout = Layout(tensors, metadata ?? []);
        stream.Write(layout.Header);
        long at = layout.Header.Length;
        foreach ((GgufEntry tensor, TensorPlace place) in tensors.Zip(layout.Tensors))
        {
            cancellation.ThrowIfCancellationRequested();
            stream.Write(new byte[place.Offset - at]);
            var counted = new CountingStream(stream);
            tensor.Write(counted);
            counted.Require(tensor.Name, place.Bytes);
            at = place.Offset + place.Bytes;
        }
        stream.Write(new byte[layout.Length - at]);
    }

    /// <summary>The header, and where each tensor lies.</summary>
    internal static FileLayout Layout(IReadOnlyList<GgufEntry> tensors, IReadOnlyList<KeyValuePair<string, GgufValue>> metadata)
    {
        int alignment = Alignment(metadata);
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(GgufHeader.Magic);
        UInt32(buffer, Version);
        UInt64(buffer, tensors.Count);
        UInt64(buffer, metadata.Count);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string key, GgufValue value) in metadata)
        {
            Text(buffer, Distinct(key, "metadata key", keys, GgufHeader.LongestKey));
            UInt32(buffer, (uint)value.Type);
            buffer.Write(value.Bytes.Span);
        }
        List<TensorPlace> places = [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        long offset = 0;
        foreach (GgufEntry tensor in tensors)
        {
            long bytes = tensor.Bytes;
            Describe(buffer, tensor, Distinct(tensor.Name, "tensor", names, LongestName), offset);
            places.Add(new(tensor.Name, offset, bytes));
            offset = Padded(checked(offset + bytes), alignment);
        }
        long dataStart = Padded(buffer.WrittenCount, alignment);
        byte[] header = new byte[dataStart];
        buffer.WrittenSpan.CopyTo(header);
        return new(header, [.. places.Select(place => place with { Offset = dataStart + place.Offset })], dataStart + offset);
    }

    private static void Describe(ArrayBufferWriter<byte> buffer, GgufEntry tensor, string name, long offset)
    {
        if (tensor.Shape.Count > GgufHeader.MostDimensions)
        {
            throw new ArgumentException($"'{name}' has {tensor.Shape.Count} dimensions; GGUF has {GgufHeader.MostDimensions} at most.");
        }
        Text(buffer, name);
        UInt32(buffer, (uint)tensor.Shape.Count);
        foreach (long length in tensor.Shape.Reverse())
        {
            UInt64(buffer, length);
        }
        UInt32(buffer, tensor.Type.Id);
        UInt64(buffer, offset);
    }

    private static string Distinct(string name, string what, HashSet<string> names, int longest)
    {
        int bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes == 0 || bytes > longest)
        {
            throw new ArgumentException(
                $"The {what} '{ModelFormatException.Shorten(name)}' has {bytes} bytes; 1 to {longest} are possible in GGUF."
            );
        }
        return names.Add(name)
            ? name
            : throw new ArgumentException($"There are two of the {what} '{ModelFormatException.Shorten(name)}'; names must be distinct.");
    }

    private static int Alignment(IReadOnlyList<KeyValuePair<string, GgufValue>> metadata)
    {
        GgufValue? value = metadata.FirstOrDefault(entry => entry.Key == GgufHeader.AlignmentKey).Value;
        long alignment = value?.AsInteger() ?? GgufHeader.DefaultAlignment;
        return
            alignment is > 0 and <= GgufHeader.LargestAlignment
            && (alignment & (alignment - 1)) == 0
            && value?.Type is null or GgufValueType.UInt32
            ? (int)alignment
            : throw new ArgumentException(
                $"{GgufHeader.AlignmentKey} is {value}; it must be a power of two up to {GgufHeader.LargestAlignment}, as {GgufValueType.UInt32}."
            );
    }

    private static long Padded(long offset, int alignment) => checked(offset + alignment - 1) / alignment * alignment;

    private static void Text(ArrayBufferWriter<byte> buffer, string text)
    {
        Span<byte> bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        UInt64(buffer, bytes.Length);
        buffer.Write(bytes);
    }

    private static void UInt32(ArrayBufferWriter<byte> buffer, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    private static void UInt64(ArrayBufferWriter<byte> buffer, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }
}
