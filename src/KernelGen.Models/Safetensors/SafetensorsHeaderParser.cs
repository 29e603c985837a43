using System.Text;
using System.Text.Json;

namespace KernelGen.Models;

/// <summary>
/// Reads a header that may be hostile: every number is checked before it is used, so that the only outcome besides a
/// header is a <see cref="ModelFormatException"/>, and memory stays in proportion to the length of the header.
/// </summary>
internal sealed class SafetensorsHeaderParser(string file, long dataLength)
{
    /// <summary>Header, tensor, array: a header is never deeper than three, unknown fields may go a little further.</summary>
    private const int Deepest = 16;

    private readonly List<SafetensorsTensor> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private Dictionary<string, string>? _metadata;

    /// <summary>The tensor being read, for messages.</summary>
    private string? _current;

    public SafetensorsHeader Parse(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            string found = json.IsEmpty ? "nothing" : $"byte 0x{json[0]:X2}";
            throw new ModelFormatException(file, $"the header starts with {found}, not with '{{' (0x7B). This is no safetensors file.");
        }
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
            reader.Read();
            while (NextProperty(ref reader) is { } name)
            {
                if (name == SafetensorsHeader.MetadataKey)
                {
                    ReadMetadata(ref reader);
                }
                else
                {
                    ReadTensor(ref reader, name);
                }
            }
            // What follows the object may be white space only; the reader throws for anything else.
            reader.Read();
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(
                file,
                $"the header is not valid JSON at byte {e.BytePositionInLine} of line {e.LineNumber + 1}: {FirstSentence(e.Message)}",
                _current,
                e
            );
        }
        catch (InvalidOperationException e)
        {
            // The reader's way of saying that a string is not valid UTF-8 or holds half a surrogate pair.
            throw new ModelFormatException(file, "the header holds a string that is not valid Unicode.", _current, e);
        }
        return new(Ordered(), _metadata ?? []);
    }

    /// <summary>The name of the next property, its value being the next token; null at the end of the object.</summary>
    private static string? NextProperty(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (_metadata is not null)
        {
            throw Wrong($"{SafetensorsHeader.MetadataKey} is there twice; it may be there once.");
        }
        reader.Read();
        _metadata = new(StringComparer.Ordinal);
        if (reader.TokenType == JsonTokenType.Null)
        {
            return; // what the reference reader takes for no metadata
        }
        Expect(ref reader, JsonTokenType.StartObject, $"{SafetensorsHeader.MetadataKey} must be an object of strings");
        while (NextProperty(ref reader) is { } key)
        {
            reader.Read();
            Expect(ref reader, JsonTokenType.String, $"metadata '{ModelFormatException.Shorten(key)}' must be a string");
            if (!_metadata.TryAdd(key, reader.GetString()!))
            {
                throw Wrong($"metadata '{ModelFormatException.Shorten(key)}' is there twice; it may be there once.");
            }
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name)
    {
        _current = name;
        if (!_names.Add(name))
        {
            throw Wrong("there are two tensors of this name; names must be distinct.");
        }
        reader.Read();
        Expect(ref reader, JsonTokenType.StartObject, "its description must be an object");
        SafetensorsDtype? dtype = null;
        List<long>? shape = null,
            offsets = null;
        while (NextProperty(ref reader) is { } field)
        {
            switch (field)
            {
                case "dtype":
                    Once(field, dtype is not null);
                    dtype = ReadDtype(ref reader);
                    break;
                case "shape":
                    Once(field, shape is not null);
                    shape = ReadNumbers(ref reader, field, SafetensorsHeader.MostDimensions);
                    break;
                case "data_offsets":
                    Once(field, offsets is not null);
                    offsets = ReadNumbers(ref reader, field, 2);
                    break;
                default:
                    reader.Skip(); // later versions may say more about a tensor
                    break;
            }
        }
        _tensors.Add(
            Checked(
                name,
                dtype ?? throw Wrong("it has no dtype."),
                shape ?? throw Wrong("it has no shape."),
                offsets ?? throw Wrong("it has no data_offsets.")
            )
        );
        _current = null;
    }

    private SafetensorsDtype ReadDtype(ref Utf8JsonReader reader)
    {
        reader.Read();
        Expect(ref reader, JsonTokenType.String, "dtype must be a string");
        string name = reader.GetString()!;
        return SafetensorsDtypes.TryParse(name, out SafetensorsDtype dtype)
            ? dtype
            : throw Wrong(
                $"there is no dtype '{ModelFormatException.Shorten(name)}'; known are {string.Join(", ", SafetensorsDtypes.Names)}."
            );
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string field, int most)
    {
        reader.Read();
        Expect(ref reader, JsonTokenType.StartArray, $"{field} must be an array of whole numbers");
        var numbers = new List<long>(2);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref reader, JsonTokenType.Number, $"{field} must be an array of whole numbers");
            if (!reader.TryGetInt64(out long number) || number < 0)
            {
                string text = ModelFormatException.Shorten(Encoding.UTF8.GetString(reader.ValueSpan));
                throw Wrong($"{field} holds {text}; it takes whole numbers from 0 to {long.MaxValue}.");
            }
            if (numbers.Count == most)
            {
                throw Wrong($"{field} has more than {most} entries.");
            }
            numbers.Add(number);
        }
        return numbers;
    }

    private SafetensorsTensor Checked(string name, SafetensorsDtype dtype, List<long> shape, List<long> offsets)
    {
        if (offsets.Count != 2)
        {
            throw Wrong($"data_offsets has {offsets.Count} entries; it takes 2, begin and end.");
        }
        (long begin, long end) = (offsets[0], offsets[1]);
        if (begin > end)
        {
            throw Wrong($"its data begin at byte {begin} and end before that, at byte {end}.");
        }
        Int128 count = 1;
        foreach (long length in shape)
        {
            count *= length;
            if (count > long.MaxValue)
            {
                throw Wrong($"its shape {SafetensorsTensor.ShapeToText(shape)} has more than {long.MaxValue} values.");
            }
        }
        Int128 bits = count * dtype.Bits();
        if (bits % 8 != 0)
        {
            throw Wrong($"{count} values of {dtype.Bits()} bits ({dtype.Name()}) are {bits} bits, no whole number of bytes.");
        }
        if (end - begin != bits / 8)
        {
            throw Wrong(
                $"its data_offsets span {end - begin} bytes; shape {SafetensorsTensor.ShapeToText(shape)} of {dtype.Name()} takes {bits / 8}."
            );
        }
        if (end > dataLength)
        {
            throw Wrong(
                $"its data end at byte {end}, but only {dataLength} bytes follow the header. The file is cut off or its header wrong."
            );
        }
        return new(name, dtype, shape, begin, end, (long)count);
    }

    /// <summary>The tensors by offset; throws unless each begins where the one before ends and the last ends with the data.</summary>
    private List<SafetensorsTensor> Ordered()
    {
        List<SafetensorsTensor> ordered = [.. _tensors.OrderBy(t => t.Begin).ThenBy(t => t.End)];
        long reached = 0;
        SafetensorsTensor? before = null;
        foreach (SafetensorsTensor tensor in ordered)
        {
            _current = tensor.Name;
            if (tensor.Begin < reached)
            {
                throw Wrong(
                    $"its data begin at byte {tensor.Begin} and overlap those of '{ModelFormatException.Shorten(before!.Name)}', which end at byte {reached}."
                );
            }
            if (tensor.Begin > reached)
            {
                throw Wrong(
                    $"its data begin at byte {tensor.Begin}, but what comes before ends at byte {reached}: {tensor.Begin - reached} bytes belong to no tensor."
                );
            }
            reached = tensor.End;
            before = tensor;
        }
        _current = null;
        return reached == dataLength
            ? ordered
            : throw Wrong(
                $"the tensors end at byte {reached} of the data, but {dataLength} bytes follow the header: {dataLength - reached} bytes belong to no tensor."
            );
    }

    private void Once(string field, bool there)
    {
        if (there)
        {
            throw Wrong($"{field} is there twice; it may be there once.");
        }
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType expected, string rule)
    {
        if (reader.TokenType != expected)
        {
            throw Wrong($"{rule}, not {Words(reader.TokenType)}.");
        }
    }

    private static string Words(JsonTokenType token) =>
        token switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.String => "a string",
            JsonTokenType.Number => "a number",
            JsonTokenType.True or JsonTokenType.False => "true or false",
            JsonTokenType.Null => "null",
            _ => "nothing",
        };

    /// <summary>The reader's own message without the position, which ours has already.</summary>
    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return ModelFormatException.Shorten(end > 0 ? message[..end] : message);
    }

    private ModelFormatException Wrong(string problem) => new(file, problem, _current);
}
