using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KernelGen.Models;

/// <summary>Writes safetensors files: the same tensors and metadata always give the same bytes.</summary>
public static class SafetensorsWriter
{
    /// <summary>The header is padded with spaces to a multiple of this, so that the data are aligned.</summary>
    private const int Alignment = 8;

    /// <summary>Writes a file next to <paramref name="path"/> and renames it when it is complete.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="tensors">The tensors; they are stored from wide to narrow elements, then by name, as the reference writer does.</param>
    /// <param name="metadata">Free-form strings.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="cancellation">Cancels between tensors; nothing is left behind then.</param>
    /// <exception cref="IOException">The file exists and may not be replaced, or cannot be written.</exception>
    public static void Write(
        string path,
        IEnumerable<SafetensorsEntry> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
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
    /// <param name="metadata">Free-form strings.</param>
    /// <param name="cancellation">Cancels between tensors.</param>
    public static void Write(
        Stream stream,
        IEnumerable<SafetensorsEntry> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        CancellationToken cancellation = default
    )
    {
        SafetensorsEntry[] ordered = Ordered(tensors);
        stream.Write(Header(ordered, metadata));
        foreach (SafetensorsEntry tensor in ordered)
        {
            cancellation.ThrowIfCancellationRequested();
            var counted = new CountingStream(stream);
            tensor.Write(counted);
            counted.Require(tensor.Name, tensor.Bytes);
        }
    }

    /// <summary>The header, and where each tensor lies.</summary>
    internal static FileLayout Layout(IEnumerable<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        SafetensorsEntry[] ordered = Ordered(tensors);
        byte[] header = Header(ordered, metadata).ToArray();
        List<TensorPlace> places = [];
        long offset = header.Length;
        foreach (SafetensorsEntry tensor in ordered)
        {
            places.Add(new(tensor.Name, offset, tensor.Bytes));
            offset += tensor.Bytes;
        }
        return new(header, places, offset);
    }

    private static SafetensorsEntry[] Ordered(IEnumerable<SafetensorsEntry> tensors) =>
        [.. tensors.OrderByDescending(t => t.Dtype.Bits()).ThenBy(t => t.Name, StringComparer.Ordinal)];

    private static ReadOnlySpan<byte> Header(SafetensorsEntry[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(stackalloc byte[SafetensorsHeader.LengthBytes]); // the length, known when the rest is
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }
                json.WriteEndObject();
            }
            WriteTensors(json, tensors);
            json.WriteEndObject();
        }
        int padding = (Alignment - buffer.WrittenCount % Alignment) % Alignment;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        int length = buffer.WrittenCount - SafetensorsHeader.LengthBytes;
        if (length > SafetensorsHeader.LongestLength)
        {
            throw new ArgumentException($"The header would be {length} bytes long; the limit is {SafetensorsHeader.LongestLength}.");
        }
        byte[] header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        return header;
    }

    private static void WriteTensors(Utf8JsonWriter json, SafetensorsEntry[] tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataKey };
        long offset = 0;
        foreach (SafetensorsEntry tensor in tensors)
        {
            if (!names.Add(tensor.Name))
            {
                throw new ArgumentException(
                    $"'{tensor.Name}' is taken: names must be distinct, and {SafetensorsHeader.MetadataKey} is no name of a tensor."
                );
            }
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", tensor.Dtype.Name());
            json.WriteStartArray("shape");
            foreach (long length in tensor.Shape)
            {
                json.WriteNumberValue(length);
            }
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            offset = checked(offset + tensor.Bytes);
            json.WriteNumberValue(offset);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }
}
