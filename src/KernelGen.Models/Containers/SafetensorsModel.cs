namespace KernelGen.Models;

/// <summary>Opens safetensors files, one or several, as models.</summary>
internal static class SafetensorsModel
{
    public static ModelFile Open(string path, FormatCatalog catalog)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            return Model(path, "safetensors", [.. Tensors(file, catalog)], ContainerMetadata.OfSafetensors(file.Header.Metadata), [file]);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static ModelFile OpenShards(string path, FormatCatalog catalog)
    {
        SafetensorsIndex index = SafetensorsIndex.Read(path);
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        List<SafetensorsFile> files = [];
        try
        {
            List<ModelTensor> tensors = [];
            List<KeyValuePair<string, GgufValue>> metadata = [];
            foreach (string name in index.Files)
            {
                SafetensorsFile file = SafetensorsFile.Open(System.IO.Path.Combine(folder, name));
                files.Add(file);
                tensors.AddRange(Tensors(file, catalog));
                metadata.AddRange(
                    ContainerMetadata.OfSafetensors(file.Header.Metadata).Where(entry => metadata.All(other => other.Key != entry.Key))
                );
            }
            Check(path, index, files);
            return Model(path, $"safetensors, {files.Count} {(files.Count == 1 ? "file" : "files")}", tensors, metadata, files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>The model, with weights that a dialect stores in several tensors in the place of these.</summary>
    private static ModelFile Model(
        string path,
        string container,
        IReadOnlyList<ModelTensor> stored,
        IReadOnlyList<KeyValuePair<string, GgufValue>> metadata,
        IReadOnlyList<IDisposable> files
    )
    {
        string? config = LlamaConfig.TextOf(path, key => metadata.FirstOrDefault(entry => entry.Key == key).Value);
        (IReadOnlyList<ModelTensor> tensors, string? unread) = Checkpoint.Read(path, stored, config);
        return new(path, container, tensors, metadata, files) { UnreadDialect = unread };
    }

    /// <summary>Throws unless the list and the files name the same tensors in the same files.</summary>
    private static void Check(string path, SafetensorsIndex index, List<SafetensorsFile> files)
    {
        var there = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (SafetensorsFile file in files)
        {
            string name = System.IO.Path.GetFileName(file.Path);
            foreach (SafetensorsTensor tensor in file.Tensors)
            {
                if (!index.FileOf.TryGetValue(tensor.Name, out string? listed))
                {
                    throw new ModelFormatException(path, $"it is in {name}, but the list does not name it.", tensor.Name);
                }
                if (listed != name || !there.TryAdd(tensor.Name, name))
                {
                    throw new ModelFormatException(path, $"it is in {name}, but the list says {listed}.", tensor.Name);
                }
            }
        }
        if (index.FileOf.Keys.FirstOrDefault(name => !there.ContainsKey(name)) is { } missing)
        {
            throw new ModelFormatException(path, $"the list says it is in {index.FileOf[missing]}, but it is not.", missing);
        }
    }

    private static IEnumerable<ModelTensor> Tensors(SafetensorsFile file, FormatCatalog catalog)
    {
        IReadOnlyDictionary<string, PackedTensor> packed = PackedMetadata.Read(file, catalog);
        IReadOnlyDictionary<string, GgmlTensor> foreign = GgmlMetadata.Read(file);
        foreach (SafetensorsTensor tensor in file.Tensors)
        {
            long position = file.DataStart + tensor.Begin;
            if (packed.TryGetValue(tensor.Name, out PackedTensor? description))
            {
                yield return new(
                    tensor.Name,
                    description.Shape,
                    TensorStorage.Packed(catalog[description.Format]),
                    tensor.Bytes,
                    file.Source,
                    position,
                    new(description.Rows, description.Columns, (long)description.Rows * description.Columns)
                );
            }
            else if (foreign.TryGetValue(tensor.Name, out GgmlTensor? ggml))
            {
                yield return new(
                    tensor.Name,
                    ggml.Shape,
                    TensorStorage.Of(GgmlTypes.Of(ggml.Type), catalog),
                    tensor.Bytes,
                    file.Source,
                    position
                );
            }
            else
            {
                yield return new(tensor.Name, tensor.Shape, TensorStorage.Of(tensor.Dtype), tensor.Bytes, file.Source, position);
            }
        }
    }
}
