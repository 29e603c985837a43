using System.Text.Json;

namespace KernelGen.Models;

/// <summary>A tensor of a ggml type that nothing here decodes, kept as bytes in a safetensors file.</summary>
/// <param name="Type">Number of the type.</param>
/// <param name="Shape">The tensor's shape, slowest first.</param>
internal sealed record GgmlTensor(uint Type, IReadOnlyList<long> Shape);

/// <summary>
/// How such tensors are described in the metadata of a safetensors file: <c>kernelgen.ggml</c> is a JSON object that gives
/// type number and shape for each, so that they can go back into a GGUF file.
/// </summary>
internal static class GgmlMetadata
{
    /// <summary>The metadata entry.</summary>
    public const string Key = "kernelgen.ggml";

    public static string Write(IReadOnlyDictionary<string, GgmlTensor> tensors) =>
        JsonText.Of(json =>
        {
            foreach ((string name, GgmlTensor tensor) in tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WriteStartObject(name);
                json.WriteNumber("type", tensor.Type);
                json.WriteStartArray("shape");
                foreach (long length in tensor.Shape)
                {
                    json.WriteNumberValue(length);
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
        });

    /// <summary>The tensors of a file by name; none if it holds no such.</summary>
    /// <exception cref="ModelFormatException">The metadata are malformed or do not fit the tensors.</exception>
    public static IReadOnlyDictionary<string, GgmlTensor> Read(SafetensorsFile file)
    {
        var found = new Dictionary<string, GgmlTensor>(StringComparer.Ordinal);
        if (!file.Header.Metadata.TryGetValue(Key, out string? text))
        {
            return found;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                var tensor = new GgmlTensor(
                    property.Value.GetProperty("type").GetUInt32(),
                    [.. property.Value.GetProperty("shape").EnumerateArray().Select(length => length.GetInt64())]
                );
                Check(file, property.Name, tensor);
                found[property.Name] = tensor;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ModelFormatException(file.Path, $"its metadata {Key} must give type and shape for each tensor.", null, e);
        }
        return found;
    }

    private static void Check(SafetensorsFile file, string name, GgmlTensor tensor)
    {
        SafetensorsTensor stored = file.Tensors.FirstOrDefault(t => t.Name == name)
            ?? throw new ModelFormatException(file.Path, $"{Key} describes it, but the file does not hold it.", name);
        GgmlType type = GgmlTypes.Of(tensor.Type);
        Int128 count = 1;
        foreach (long length in tensor.Shape)
        {
            count = length < 0 || count < 0 || count > long.MaxValue ? -1 : count * length;
        }
        if (count < 0 || count > long.MaxValue || tensor.Shape.Count > GgufHeader.MostDimensions)
        {
            throw new ModelFormatException(
                file.Path,
                $"{Key} gives it the impossible shape {SafetensorsTensor.ShapeToText(tensor.Shape)}.",
                name
            );
        }
        long row = tensor.Shape.Count == 0 ? 1 : tensor.Shape[^1];
        if (type.IsKnown && (row % type.Block != 0 || count / type.Block * type.BlockBytes != stored.Bytes))
        {
            throw new ModelFormatException(
                file.Path,
                $"it has {stored.Bytes} bytes, which shape {SafetensorsTensor.ShapeToText(tensor.Shape)} of {type} does not take.",
                name
            );
        }
    }
}
