namespace KernelGen.Models;

/// <summary>Opens GGUF files, one or several, as models.</summary>
internal static class GgufModel
{
    /// <summary>Opens a file, and those that belong to it if it says that there are more.</summary>
    public static ModelFile Open(string path, FormatCatalog catalog)
    {
        GgufFile given = GgufFile.Open(path);
        List<GgufFile> files = [];
        try
        {
            int count = GgufSplit.CountOf(given);
            for (int i = 0; i < count; i++)
            {
                files.Add(count == 1 ? given : Part(given, i, count));
            }
            return Join(path, files, catalog);
        }
        catch
        {
            given.Dispose();
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>One model of all its files.</summary>
    /// <exception cref="ModelFormatException">The files do not belong together.</exception>
    public static ModelFile Join(string path, IReadOnlyList<GgufFile> files, FormatCatalog catalog)
    {
        if (files.Count > 1)
        {
            GgufSplit.Check(files);
        }
        List<KeyValuePair<string, GgufValue>> metadata = [];
        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach (GgufFile file in files)
        {
            metadata.AddRange(file.Header.Metadata.Where(entry => !GgufSplit.IsKey(entry.Key) && keys.Add(entry.Key)));
        }
        string container = files.Count > 1 ? $"GGUF v{files[0].Header.Version}, {files.Count} files" : $"GGUF v{files[0].Header.Version}";
        return new(path, container, [.. files.SelectMany(file => Tensors(file, catalog))], metadata, files);
    }

    /// <summary>One of the files of a model, found by the name of the one that was given.</summary>
    private static GgufFile Part(GgufFile given, int number, int count)
    {
        if (GgufSplit.Parse(given.Path) is not { } name || name.Count != count)
        {
            throw new ModelFormatException(
                given.Path,
                $"it is one of {count} files, which are found by names that end in {GgufSplit.PathOf("", 0, count)} to {GgufSplit.PathOf("", count - 1, count)}; this one does not."
            );
        }
        string path = GgufSplit.PathOf(name.Path, number, count);
        return number == name.Number ? given
            : File.Exists(path) ? GgufFile.Open(path)
            : throw new ModelFormatException(given.Path, $"it is one of {count} files, and {Path.GetFileName(path)} is not next to it.");
    }

    private static IEnumerable<ModelTensor> Tensors(GgufFile file, FormatCatalog catalog) =>
        file.Tensors.Select(tensor => new ModelTensor(
            tensor.Name,
            tensor.Shape,
            TensorStorage.Of(tensor.Type, catalog),
            tensor.Bytes,
            file.Source,
            file.Header.DataStart + tensor.Offset
        ));
}
