namespace KernelGen.Models;

/// <summary>
/// Packs the tensors of a safetensors file into one format. A tensor is taken as a matrix whose rows are its first
/// dimension and whose columns are all others together.
/// </summary>
public sealed class ModelPacker
{
    private readonly SafetensorsFile _source;
    private readonly CompressedFormat _format;
    private readonly ReadOnlyMemory<float> _importance;

    /// <summary>Prepares packing; nothing but the header has been read yet.</summary>
    /// <param name="source">The file to pack.</param>
    /// <param name="format">The format.</param>
    /// <param name="tensors">
    /// The tensors to pack; null packs every tensor of a readable element type and two or more dimensions. All others are
    /// copied as they are: vectors are few and mostly biases and norms, which do not bear compression.
    /// </param>
    /// <param name="importance">One number per column of every packed tensor, see <see cref="ColumnImportance"/>; none for equal columns.</param>
    public ModelPacker(SafetensorsFile source, CompressedFormat format, IReadOnlyCollection<string>? tensors = null, ReadOnlyMemory<float> importance = default)
    {
        _importance = importance;
        _source = source;
        _format = format;
        HashSet<string>? chosen = tensors is null ? null : [.. tensors.Select(name => source[name].Name)];
        Packed = [.. source.Tensors.Where(t => chosen?.Contains(t.Name) ?? IsMatrix(t))];
        Copied = [.. source.Tensors.Except(Packed)];
    }

    /// <summary>The tensors that are packed.</summary>
    public IReadOnlyList<SafetensorsTensor> Packed { get; }

    /// <summary>The tensors that are copied as they are.</summary>
    public IReadOnlyList<SafetensorsTensor> Copied { get; }

    /// <summary>Packs into a safetensors file, see <see cref="PackedMetadata"/>; it appears when it is complete.</summary>
    /// <param name="path">Path of the new file.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="progress">Hears of each tensor packed or copied: how many so far, and the name.</param>
    /// <param name="parallelism">How many threads, who may cancel.</param>
    /// <exception cref="ModelFormatException">The source is malformed, or a tensor holds what the format cannot.</exception>
    /// <exception cref="IOException">The file exists and may not be replaced, or cannot be written.</exception>
    public void Write(string path, bool overwrite = false, Action<int, string>? progress = null, Parallelism? parallelism = null)
    {
        int done = 0;
        SafetensorsEntry Entry(SafetensorsTensor tensor, SafetensorsDtype dtype, IReadOnlyList<long> shape, Action<Stream> write)
            => new(tensor.Name, dtype, shape, stream =>
            {
                write(stream);
                progress?.Invoke(++done, tensor.Name);
            });

        Dictionary<string, PackedTensor> described = [];
        List<SafetensorsEntry> entries = [];
        foreach (SafetensorsTensor tensor in Packed)
        {
            PackedTensor description = Describe(tensor);
            described.Add(tensor.Name, description);
            long bytes = _format.Info.PackedBytes(description.Rows, description.Columns);
            entries.Add(Entry(tensor, SafetensorsDtype.U8, [bytes], stream => stream.Write(Pack(tensor, parallelism))));
        }
        foreach (SafetensorsTensor tensor in Copied)
        {
            entries.Add(Entry(tensor, tensor.Dtype, tensor.Shape, stream => _source.CopyTo(tensor, stream)));
        }
        Dictionary<string, string> metadata = new(_source.Header.Metadata);
        foreach ((string key, string value) in PackedMetadata.Write(described, [_format.Info]))
        {
            metadata[key] = value;
        }
        SafetensorsWriter.Write(path, entries, metadata, overwrite, parallelism?.Cancellation ?? default);
    }

    /// <summary>The packed bytes of one tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="parallelism">How many threads, who may cancel.</param>
    /// <exception cref="ModelFormatException">The tensor holds what the format cannot.</exception>
    public byte[] Pack(SafetensorsTensor tensor, Parallelism? parallelism = null)
    {
        PackedTensor description = Describe(tensor);
        float[] values = _source.ReadSingles(tensor);
        var packed = new byte[_format.Info.PackedBytes(description.Rows, description.Columns)];
        try
        {
            _format.Pack(values, description.Rows, description.Columns, _importance, packed, parallelism);
        }
        catch (NonFiniteWeightException e)
        {
            throw new ModelFormatException(_source.Path, e.Message, tensor.Name, e);
        }
        return packed;
    }

    private PackedTensor Describe(SafetensorsTensor tensor)
    {
        if (tensor.Count == 0)
        {
            throw new ModelFormatException(_source.Path, $"its shape {tensor.ShapeText} has no values to pack.", tensor.Name);
        }
        if (tensor.Count > Array.MaxLength || PackedSize.Of(_format.Info, tensor.Rows, tensor.Columns) is null)
        {
            throw new ModelFormatException(_source.Path, $"it has {tensor.Count} values; at most {Array.MaxLength} values and bytes are packed at once.", tensor.Name);
        }
        if (!_importance.IsEmpty && _importance.Length != tensor.Columns)
        {
            throw new ModelFormatException(
                _source.Path, $"its shape {tensor.ShapeText} makes {tensor.Columns} columns, but {_importance.Length} importance values were given; give one per column, or pack other tensors.", tensor.Name);
        }
        return new(_format.Info.Name, (int)tensor.Rows, (int)tensor.Columns, tensor.Shape);
    }

    private static bool IsMatrix(SafetensorsTensor tensor) => tensor.Dtype.IsReadable() && tensor.Shape.Count >= 2 && tensor.Count > 0;
}
