using System.Text;

namespace KernelGen.Models;

/// <summary>
/// Reads a header that may be hostile: the only outcome besides a header is a <see cref="ModelFormatException"/>, and memory
/// stays in proportion to the bytes that are there, no matter which counts they claim.
/// </summary>
internal sealed class GgufHeaderParser(ByteSource source)
{
    /// <summary>Key length, key of one byte, type, value of one byte.</summary>
    private const int FewestBytesOfEntry = 14;

    /// <summary>Name length, number of dimensions, type, offset.</summary>
    private const int FewestBytesOfTensor = 24;

    private readonly GgufCursor _cursor = new(source);

    /// <summary>A tensor before the extent of its data is known.</summary>
    private sealed record Described(string Name, GgmlType Type, long[] Shape, long Offset, long Count, long? Bytes);

    public GgufHeader Parse()
    {
        uint version = ReadStart();
        long tensorCount = _cursor.Count("the number of tensors", FewestBytesOfTensor);
        long entryCount = _cursor.Count("the number of metadata entries", FewestBytesOfEntry);
        List<KeyValuePair<string, GgufValue>> metadata = ReadMetadata(entryCount);
        int alignment = Alignment(metadata);
        List<Described> tensors = ReadTensors(tensorCount, alignment);
        long dataStart = (_cursor.Position + alignment - 1) / alignment * alignment;
        // A file without data need not have the padding in front of it.
        long dataLength = Math.Max(0, source.Length - dataStart);
        return new(version, metadata, Placed(tensors, dataLength), alignment, dataStart);
    }

    private uint ReadStart()
    {
        Span<byte> magic = stackalloc byte[4];
        if (source.Length < 24)
        {
            ForeignFile.Refuse(source);
            throw Wrong($"the file has {source.Length} bytes; a GGUF file starts with 24 bytes of magic, version and counts.");
        }
        source.ReadExactly(magic, 0);
        if (!magic.SequenceEqual(GgufHeader.Magic))
        {
            ForeignFile.Refuse(source);
            throw Wrong(
                $"the file starts with the bytes {Convert.ToHexString(magic)}, not with {Convert.ToHexString(GgufHeader.Magic)} (\"GGUF\"). This is no GGUF file."
            );
        }
        _cursor.Position = 4;
        uint version = _cursor.UInt32("the version");
        return version switch
        {
            2 or 3 => version,
            0x0200_0000 or 0x0300_0000 => throw Wrong("the file is big-endian; only little-endian files are read."),
            _ => throw Wrong($"the version is {version}; 2 and 3 are read."),
        };
    }

    private List<KeyValuePair<string, GgufValue>> ReadMetadata(long count)
    {
        List<KeyValuePair<string, GgufValue>> metadata = [];
        HashSet<string> keys = new(StringComparer.Ordinal);
        for (long i = 0; i < count; i++)
        {
            string key = Encoding.UTF8.GetString(_cursor.String("a metadata key", GgufHeader.LongestKey));
            if (key.Length == 0)
            {
                throw _cursor.Wrong("a metadata key is empty.");
            }
            if (!keys.Add(key))
            {
                throw _cursor.Wrong($"metadata '{ModelFormatException.Shorten(key)}' is there twice; it may be there once.");
            }
            GgufValueType type = _cursor.ValueType($"the type of metadata '{ModelFormatException.Shorten(key)}'");
            metadata.Add(new(key, _cursor.Value(type)));
        }
        return metadata;
    }

    private int Alignment(List<KeyValuePair<string, GgufValue>> metadata)
    {
        GgufValue? value = metadata.FirstOrDefault(entry => entry.Key == GgufHeader.AlignmentKey).Value;
        if (value is null)
        {
            return GgufHeader.DefaultAlignment;
        }
        if (value.Type != GgufValueType.UInt32)
        {
            throw Wrong($"{GgufHeader.AlignmentKey} is {value.Type}; it must be {GgufValueType.UInt32}.");
        }
        long alignment = value.AsInteger();
        return alignment is > 0 and <= GgufHeader.LargestAlignment && (alignment & (alignment - 1)) == 0
            ? (int)alignment
            : throw Wrong($"{GgufHeader.AlignmentKey} is {alignment}; it must be a power of two up to {GgufHeader.LargestAlignment}.");
    }

    private List<Described> ReadTensors(long count, int alignment)
    {
        List<Described> tensors = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        for (long i = 0; i < count; i++)
        {
            string name = Encoding.UTF8.GetString(_cursor.String("the name of a tensor", GgufHeader.LongestName));
            if (!names.Add(name))
            {
                throw Wrong("there are two tensors of this name; names must be distinct.", name);
            }
            tensors.Add(ReadTensor(name, alignment));
        }
        return tensors;
    }

    private Described ReadTensor(string name, int alignment)
    {
        uint dimensions = _cursor.UInt32("a number of dimensions");
        if (dimensions > GgufHeader.MostDimensions)
        {
            throw Wrong($"it has {dimensions} dimensions; at most {GgufHeader.MostDimensions} are allowed.", name);
        }
        var shape = new long[dimensions];
        Int128 count = 1;
        for (int i = shape.Length - 1; i >= 0; i--) // fastest first in the file, slowest first here
        {
            ulong length = _cursor.UInt64("the length of a dimension");
            shape[i] =
                length <= long.MaxValue
                    ? (long)length
                    : throw Wrong($"a dimension has length {length}; at most {long.MaxValue} is possible.", name);
            count *= shape[i];
            if (count > long.MaxValue)
            {
                throw Wrong($"its dimensions have more than {long.MaxValue} values.", name);
            }
        }
        GgmlType type = GgmlTypes.Of(_cursor.UInt32("the type of a tensor"));
        ulong offset = _cursor.UInt64("the offset of a tensor");
        if (offset % (ulong)alignment != 0)
        {
            throw Wrong($"its data begin at byte {offset}, which is no multiple of the alignment {alignment}.", name);
        }
        if (offset > (ulong)source.Length)
        {
            throw Wrong($"its data begin at byte {offset} of the data, but the file has {source.Length} bytes.", name);
        }
        return new(name, type, shape, (long)offset, (long)count, type.IsKnown ? Size(name, type, shape, (long)count) : null);
    }

    private long Size(string name, GgmlType type, long[] shape, long count)
    {
        long row = shape.Length == 0 ? 1 : shape[^1];
        if (row % type.Block != 0)
        {
            throw Wrong($"its rows have {row} values; {type} stores whole blocks of {type.Block}.", name);
        }
        Int128 bytes = (Int128)count / type.Block * type.BlockBytes;
        return bytes <= source.Length
            ? (long)bytes
            : throw Wrong(
                $"shape {SafetensorsTensor.ShapeToText(shape)} of {type} takes {bytes} bytes, but the file has {source.Length}.",
                name
            );
    }

    /// <summary>The tensors with their extents; throws if data overlap or end after the file.</summary>
    private List<GgufTensor> Placed(List<Described> tensors, long dataLength)
    {
        var placed = new GgufTensor[tensors.Count];
        int[] order =
        [
            .. Enumerable.Range(0, tensors.Count).OrderBy(i => tensors[i].Offset).ThenBy(i => tensors[i].Bytes ?? long.MaxValue),
        ];
        long reached = 0;
        for (int i = 0; i < order.Length; i++)
        {
            Described tensor = tensors[order[i]];
            if (tensor.Offset < reached)
            {
                string before = ModelFormatException.Shorten(tensors[order[i - 1]].Name);
                throw Wrong(
                    $"its data begin at byte {tensor.Offset} and overlap those of '{before}', which end at byte {reached}.",
                    tensor.Name
                );
            }
            long next = i + 1 < order.Length ? tensors[order[i + 1]].Offset : dataLength;
            long bytes = tensor.Bytes ?? Math.Max(0, Math.Min(next, dataLength) - tensor.Offset);
            reached = tensor.Offset + bytes;
            if (reached > dataLength)
            {
                throw Wrong($"its data end at byte {reached}, but the data have {dataLength} bytes. The file is cut off.", tensor.Name);
            }
            placed[order[i]] = new(tensor.Name, tensor.Type, tensor.Shape, tensor.Offset, bytes, tensor.Count);
        }
        return [.. placed];
    }

    private ModelFormatException Wrong(string problem, string? tensor = null) => new(source.Path, problem, tensor);
}
