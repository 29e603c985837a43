namespace KernelGen.Models;

/// <summary>Decodes the packed tensors of a file that <see cref="ModelPacker"/> wrote.</summary>
public sealed class ModelUnpacker
{
    private readonly SafetensorsFile _source;
    private readonly FormatCatalog _catalog;

    /// <summary>Reads the descriptions of the packed tensors.</summary>
    /// <param name="source">The file.</param>
    /// <param name="catalog">Where formats are found by name.</param>
    /// <exception cref="ModelFormatException">The metadata are malformed, do not fit the tensors, or name an unknown format.</exception>
    public ModelUnpacker(SafetensorsFile source, FormatCatalog catalog)
    {
        _source = source;
        _catalog = catalog;
        Packed = PackedMetadata.Read(source);
        foreach ((string name, PackedTensor tensor) in Packed)
        {
            if (!catalog.TryGet(tensor.Format, out CompressedFormat? format))
            {
                string known = ModelFormatException.Shorten(tensor.Format);
                throw new ModelFormatException(source.Path, $"it is packed as '{known}', which is not known here. {catalog.Nearest(known)}", name);
            }
            int expected = PackedSize.Of(format.Info, tensor.Rows, tensor.Columns)
                ?? throw new ModelFormatException(source.Path, $"{tensor.Rows} × {tensor.Columns} in {format.Info.Name} are more bytes than one array can hold.", name);
            long bytes = source[name].Bytes;
            if (bytes != expected)
            {
                throw new ModelFormatException(source.Path, $"it has {bytes} bytes; {tensor.Rows} × {tensor.Columns} in {format.Info.Name} take {expected}.", name);
            }
        }
    }

    /// <summary>The packed tensors by name.</summary>
    public IReadOnlyDictionary<string, PackedTensor> Packed { get; }

    /// <summary>The values of a tensor, decoded if it is packed.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="parallelism">How many threads, who may cancel.</param>
    /// <exception cref="ModelFormatException">It cannot be read as float32.</exception>
    public float[] Values(SafetensorsTensor tensor, Parallelism? parallelism = null)
    {
        if (!Packed.TryGetValue(tensor.Name, out PackedTensor? description))
        {
            return _source.ReadSingles(tensor);
        }
        long count = (long)description.Rows * description.Columns;
        if (count > Array.MaxLength)
        {
            throw new ModelFormatException(_source.Path, $"it has {count} values; at most {Array.MaxLength} are unpacked at once.", tensor.Name);
        }
        var bytes = new byte[tensor.Bytes];
        _source.ReadBytes(tensor, 0, bytes);
        var values = new float[count];
        _catalog[description.Format].Unpack(bytes, description.Rows, description.Columns, values, parallelism);
        return values;
    }

    /// <summary>Writes a safetensors file in which packed tensors are F32 again and all others are as they were.</summary>
    /// <param name="path">Path of the new file.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="progress">Hears of each tensor written: how many so far, and the name.</param>
    /// <param name="parallelism">How many threads, who may cancel.</param>
    /// <exception cref="IOException">The file exists and may not be replaced, or cannot be written.</exception>
    public void Write(string path, bool overwrite = false, Action<int, string>? progress = null, Parallelism? parallelism = null)
    {
        int done = 0;
        IEnumerable<SafetensorsEntry> entries = _source.Tensors.Select(tensor =>
        {
            bool packed = Packed.TryGetValue(tensor.Name, out PackedTensor? description);
            return new SafetensorsEntry(
                tensor.Name, packed ? SafetensorsDtype.F32 : tensor.Dtype, packed ? description!.Shape : tensor.Shape, stream =>
                {
                    if (packed)
                    {
                        RawFloatFile.Write(stream, Values(tensor, parallelism));
                    }
                    else
                    {
                        _source.CopyTo(tensor, stream);
                    }
                    progress?.Invoke(++done, tensor.Name);
                });
        });
        Dictionary<string, string> metadata = _source.Header.Metadata
            .Where(pair => pair.Key is not (PackedMetadata.TensorsKey or PackedMetadata.FormatsKey))
            .ToDictionary(pair => pair.Key, pair => pair.Value);
        SafetensorsWriter.Write(path, entries, metadata, overwrite, parallelism?.Cancellation ?? default);
    }
}
