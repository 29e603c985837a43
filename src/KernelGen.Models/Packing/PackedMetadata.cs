using System.Text.Json;
using KernelGen.Kernels.Elements;

namespace KernelGen.Models;

/// <summary>
/// How packed tensors are described in the metadata of a safetensors file. A packed tensor is stored as U8 bytes of one
/// dimension; <c>kernelgen.tensors</c> is a JSON object that gives for each the format, rows, columns and shape, and
/// <c>kernelgen.formats</c> one that gives sizes and stages of each format, so that the file says how to decode it.
/// </summary>
public static class PackedMetadata
{
    /// <summary>Metadata entry that lists the packed tensors.</summary>
    public const string TensorsKey = "kernelgen.tensors";

    /// <summary>Metadata entry that describes the formats used.</summary>
    public const string FormatsKey = "kernelgen.formats";

    /// <summary>The metadata of a packed file.</summary>
    /// <param name="tensors">The packed tensors by name.</param>
    /// <param name="formats">The formats they use.</param>
    public static IReadOnlyDictionary<string, string> Write(
        IReadOnlyDictionary<string, PackedTensor> tensors,
        IEnumerable<FormatInfo> formats
    ) =>
        new Dictionary<string, string>
        {
            [FormatsKey] = JsonText.Of(json => WriteFormats(json, formats)),
            [TensorsKey] = JsonText.Of(json => WriteTensors(json, tensors)),
        };

    /// <summary>The packed tensors of a file by name; none if the file holds plain tensors only.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="ModelFormatException">The metadata are malformed or do not fit the tensors.</exception>
    public static IReadOnlyDictionary<string, PackedTensor> Read(SafetensorsFile file)
    {
        var packed = new SortedDictionary<string, PackedTensor>(StringComparer.Ordinal);
        if (!file.Header.Metadata.TryGetValue(TensorsKey, out string? text))
        {
            return packed;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                PackedTensor tensor = ReadTensor(property.Value);
                Check(file, property.Name, tensor);
                if (!packed.TryAdd(property.Name, tensor))
                {
                    throw new ModelFormatException(file.Path, $"{TensorsKey} describes it twice; it may do so once.", property.Name);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ModelFormatException(
                file.Path,
                $"its metadata {TensorsKey} must give format, rows, columns and shape for each tensor, as 'kernelgen pack' writes them.",
                null,
                e
            );
        }
        return packed;
    }

    /// <summary>The packed tensors of a file by name, of formats that are known and with as many bytes as they take.</summary>
    /// <param name="file">The file.</param>
    /// <param name="catalog">Where formats are found by name.</param>
    /// <exception cref="ModelFormatException">The metadata are malformed, do not fit the tensors, or name an unknown format.</exception>
    public static IReadOnlyDictionary<string, PackedTensor> Read(SafetensorsFile file, FormatCatalog catalog)
    {
        IReadOnlyDictionary<string, PackedTensor> packed = Read(file);
        foreach ((string name, PackedTensor tensor) in packed)
        {
            if (Known(catalog, tensor.Format) is not { } format)
            {
                string known = ModelFormatException.Shorten(tensor.Format);
                throw new ModelFormatException(
                    file.Path,
                    $"it is packed as '{known}', which is not known here. {catalog.Nearest(known)}",
                    name
                );
            }
            int expected = PackedSize.Of(format.Info, tensor.Rows, tensor.Columns)
                ?? throw new ModelFormatException(
                    file.Path,
                    $"{tensor.Rows} × {tensor.Columns} in {format.Info.Name} are more bytes than one array can hold.",
                    name
                );
            long bytes = file[name].Bytes;
            if (bytes != expected)
            {
                throw new ModelFormatException(
                    file.Path,
                    $"it has {bytes} bytes; {tensor.Rows} × {tensor.Columns} in {format.Info.Name} take {expected}.",
                    name
                );
            }
        }
        return packed;
    }

    private static CompressedFormat? Known(FormatCatalog catalog, string name)
    {
        try
        {
            return catalog.TryGet(name, out CompressedFormat? format) ? format : null;
        }
        catch (KeyNotFoundException)
        {
            return null; // a name that a lookup could make a format of, were it right
        }
    }

    private static PackedTensor ReadTensor(JsonElement value) =>
        new(
            value.GetProperty("format").GetString() ?? throw new FormatException("format is null."),
            value.GetProperty("rows").GetInt32(),
            value.GetProperty("columns").GetInt32(),
            [.. value.GetProperty("shape").EnumerateArray().Select(length => length.GetInt64())]
        );

    private static void Check(SafetensorsFile file, string name, PackedTensor tensor)
    {
        SafetensorsTensor? stored = file.Tensors.FirstOrDefault(t => t.Name == name)
            ?? throw new ModelFormatException(file.Path, $"{TensorsKey} describes it, but the file does not hold it.", name);
        if (stored.Dtype != SafetensorsDtype.U8)
        {
            throw new ModelFormatException(file.Path, $"it is described as packed, but is {stored.Dtype.Name()} and not U8.", name);
        }
        if (tensor.Rows < 0 || tensor.Columns < 0)
        {
            throw new ModelFormatException(
                file.Path,
                $"it is described as {tensor.Rows} × {tensor.Columns}; rows and columns are 0 or more.",
                name
            );
        }
        Int128 count = 1,
            wanted = (Int128)tensor.Rows * tensor.Columns;
        foreach (long length in tensor.Shape)
        {
            count = length < 0 || count > long.MaxValue ? -1 : count * length;
        }
        if (count != wanted)
        {
            throw new ModelFormatException(
                file.Path,
                $"its shape {SafetensorsTensor.ShapeToText(tensor.Shape)} has other than {tensor.Rows} × {tensor.Columns} = {wanted} values.",
                name
            );
        }
    }

    private static void WriteFormats(Utf8JsonWriter json, IEnumerable<FormatInfo> formats)
    {
        foreach (FormatInfo info in formats)
        {
            json.WriteStartObject(info.Name);
            json.WriteNumber("bits_per_weight", info.BitsPerWeight);
            json.WriteNumber("element_bits", info.ElementBits);
            json.WriteNumber("group", info.Group);
            json.WriteNumber("block", info.Block);
            json.WriteNumber("block_bytes", info.BlockBytes);
            json.WriteNumber("row_header_bytes", info.RowHeaderBytes);
            json.WriteNumber("tensor_header_bytes", info.TensorHeaderBytes);
            if (info.RowOutliers is { } outliers)
            {
                json.WriteNumber("row_outlier_share", outliers.Fraction);
            }
            json.WriteStartArray("stages");
            foreach (FormatStage stage in info.Stages)
            {
                json.WriteStringValue($"{stage.Kind}: {stage.Text}");
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static void WriteTensors(Utf8JsonWriter json, IReadOnlyDictionary<string, PackedTensor> tensors)
    {
        foreach ((string name, PackedTensor tensor) in tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(name);
            json.WriteString("format", tensor.Format);
            json.WriteNumber("rows", tensor.Rows);
            json.WriteNumber("columns", tensor.Columns);
            json.WriteStartArray("shape");
            foreach (long length in tensor.Shape)
            {
                json.WriteNumberValue(length);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }
}
