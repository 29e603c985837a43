using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;

namespace KernelGen.Models;

/// <summary>
/// Carries metadata between containers so that nothing is lost: safetensors knows strings only, GGUF has types. An entry
/// of the other kind is marked by a prefix, which is taken off on the way back.
/// </summary>
internal static class ContainerMetadata
{
    /// <summary>
    /// In front of a GGUF entry in a safetensors file; its value is <c>Type:text</c>, arrays and strings that are not UTF-8 as
    /// base64 of their bytes, lengths included.
    /// </summary>
    public const string FromGguf = "gguf.";

    /// <summary>The type of a string that is not UTF-8.</summary>
    private const string BytesOfString = "StringBytes";

    /// <summary>In front of a safetensors entry in a GGUF file.</summary>
    private const string FromSafetensors = "safetensors.";

    /// <summary>Entries that describe how tensors are stored; they are made again for each file.</summary>
    private static readonly string[] Reserved = [PackedMetadata.TensorsKey, PackedMetadata.FormatsKey, GgmlMetadata.Key];

    /// <summary>The metadata of a safetensors file as a model has them.</summary>
    public static IReadOnlyList<KeyValuePair<string, GgufValue>> OfSafetensors(IReadOnlyDictionary<string, string> metadata) =>
        [.. metadata.Where(entry => !Reserved.Contains(entry.Key)).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(Typed)];

    /// <summary>The metadata of a model for a GGUF file.</summary>
    public static IReadOnlyList<KeyValuePair<string, GgufValue>> ForGguf(ModelFile model) =>
        model.IsGguf
            ? model.Metadata
            :
            [
                .. WithConfig(model)
                    .Select(entry =>
                        IsTyped(entry.Key)
                            ? new KeyValuePair<string, GgufValue>(entry.Key[FromGguf.Length..], entry.Value)
                            : new(FromSafetensors + entry.Key, entry.Value)
                    ),
            ];

    /// <summary>The metadata of a model for a safetensors file.</summary>
    public static Dictionary<string, string> ForSafetensors(ModelFile model)
    {
        var strings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, GgufValue value) in WithConfig(model))
        {
            if (model.IsGguf && key.StartsWith(FromSafetensors, StringComparison.Ordinal) && value.Type == GgufValueType.String)
            {
                strings[key[FromSafetensors.Length..]] = value.AsString();
            }
            else
            {
                bool typed = model.IsGguf || IsTyped(key);
                strings[model.IsGguf ? FromGguf + key : key] = typed ? Typed(value) : value.AsString();
            }
        }
        return strings;
    }

    /// <summary>The metadata, and the hyper-parameters that lie in a file next to the model: what is written shall stand alone.</summary>
    private static IEnumerable<KeyValuePair<string, GgufValue>> WithConfig(ModelFile model) =>
        !model.IsGguf && LlamaConfig.TextOf(model) is { } text
            ? model.Metadata.Where(entry => entry.Key != LlamaConfig.MetadataKey).Append(new(LlamaConfig.MetadataKey, GgufValue.Of(text)))
            : model.Metadata;

    private static bool IsTyped(string key) => key.StartsWith(FromGguf, StringComparison.Ordinal);

    /// <summary>A GGUF entry in a safetensors file gets its type back; one that is not well-formed stays a string.</summary>
    private static KeyValuePair<string, GgufValue> Typed(KeyValuePair<string, string> entry)
    {
        int colon = entry.Value.IndexOf(':');
        if (IsTyped(entry.Key) && entry.Value.StartsWith(BytesOfString + ":", StringComparison.Ordinal))
        {
            var bytes = new byte[entry.Value.Length];
            if (
                Convert.TryFromBase64String(entry.Value[(colon + 1)..], bytes, out int length)
                && length >= 8
                && BinaryPrimitives.ReadInt64LittleEndian(bytes) == length - 8
            )
            {
                return new(entry.Key, new(GgufValueType.String, bytes.AsMemory(0, length)));
            }
        }
        if (IsTyped(entry.Key) && colon > 0 && Enum.TryParse(entry.Value[..colon], out GgufValueType type) && Enum.IsDefined(type))
        {
            try
            {
                return new(
                    entry.Key,
                    type == GgufValueType.String
                        ? GgufValue.Of(entry.Value[(colon + 1)..])
                        : GgufValue.FromBytes(type, Bytes(type, entry.Value[(colon + 1)..]))
                );
            }
            catch (Exception e) when (e is FormatException or OverflowException or ModelFormatException)
            {
                // Somebody else's entry that only looks like one of ours.
            }
        }
        return new(entry.Key, GgufValue.Of(entry.Value));
    }

    private static string Typed(GgufValue value) =>
        value.Type == GgufValueType.String && !Utf8.IsValid(value.Bytes.Span[8..])
            ? $"{BytesOfString}:{Convert.ToBase64String(value.Bytes.Span)}"
            : $"{value.Type}:{(value.Type == GgufValueType.Array ? Convert.ToBase64String(value.Bytes.Span) : value.ToString())}";

    private static byte[] Bytes(GgufValueType type, string text)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        return type switch
        {
            GgufValueType.Array => Convert.FromBase64String(text),
            GgufValueType.Bool => [text == "true" ? (byte)1 : (byte)0],
            GgufValueType.UInt8 => [byte.Parse(text, culture)],
            GgufValueType.Int8 => [(byte)sbyte.Parse(text, culture)],
            GgufValueType.UInt16 => BitConverter.GetBytes(ushort.Parse(text, culture)),
            GgufValueType.Int16 => BitConverter.GetBytes(short.Parse(text, culture)),
            GgufValueType.UInt32 => BitConverter.GetBytes(uint.Parse(text, culture)),
            GgufValueType.Int32 => BitConverter.GetBytes(int.Parse(text, culture)),
            GgufValueType.Float32 => BitConverter.GetBytes(float.Parse(text, culture)),
            GgufValueType.UInt64 => BitConverter.GetBytes(ulong.Parse(text, culture)),
            GgufValueType.Int64 => BitConverter.GetBytes(long.Parse(text, culture)),
            _ => BitConverter.GetBytes(double.Parse(text, culture)),
        };
    }
}
