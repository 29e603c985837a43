namespace KernelGen.Models;

/// <summary>
/// A model open for reading: a safetensors file, a sharded one by its list or its folder, or GGUF in one file or
/// several. Opening reads headers only. Safe to read from several threads.
/// </summary>
public sealed class ModelFile : IDisposable
{
    private readonly IReadOnlyList<IDisposable> _files;
    private readonly Dictionary<string, ModelTensor> _byName;

    internal ModelFile(
        string path,
        string container,
        IReadOnlyList<ModelTensor> tensors,
        IReadOnlyList<KeyValuePair<string, GgufValue>> metadata,
        IReadOnlyList<IDisposable> files
    )
    {
        Path = path;
        Container = container;
        Tensors = tensors;
        Metadata = metadata;
        _files = files;
        _byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The path it was opened by.</summary>
    public string Path { get; }

    /// <summary>What it is: <c>GGUF v3</c>, <c>safetensors, 3 files</c>.</summary>
    public string Container { get; }

    /// <summary>Whether it is a GGUF file, whose metadata have types.</summary>
    public bool IsGguf => Container.StartsWith("GGUF", StringComparison.Ordinal);

    /// <summary>Whether it is a checkpoint of transformers under llama.cpp's names, see <see cref="HuggingFaceModel"/>.</summary>
    internal bool IsForLlamaCpp { get; init; }

    /// <summary>The tensors, in the order of their data.</summary>
    public IReadOnlyList<ModelTensor> Tensors { get; }

    /// <summary>
    /// The metadata in the order of the file. Those of safetensors are strings; entries with which this library describes
    /// packed tensors are not among them.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, GgufValue>> Metadata { get; }

    /// <summary>What the model is quantised by that is not read here; null for nothing.</summary>
    public string? UnreadDialect { get; internal init; }

    /// <summary>Bytes of all tensors together as they are stored.</summary>
    public long StoredBytes => Tensors.Sum(tensor => tensor.StoredBytes);

    /// <summary>Bytes of all tensors together.</summary>
    public long Bytes => Tensors.Sum(tensor => tensor.Bytes);

    /// <summary>Number of values of all tensors together.</summary>
    public long Count => Tensors.Sum(tensor => tensor.Count);

    /// <summary>Opens a model by the kind of its file: by the name, or by the first bytes where the name does not tell.</summary>
    /// <param name="path">A file, any one of a split GGUF model, a list of shards, or a folder that holds one model.</param>
    /// <param name="catalog">Where formats of packed tensors are found.</param>
    /// <exception cref="ModelFormatException">A file is malformed or packed into a format that is not known.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ModelFile Open(string path, FormatCatalog catalog)
    {
        if (Directory.Exists(path))
        {
            return Open(OnlyModelOf(path), catalog);
        }
        if (path.EndsWith(SafetensorsIndex.Extension, StringComparison.OrdinalIgnoreCase))
        {
            return SafetensorsModel.OpenShards(path, catalog);
        }
        return HoldsGguf(path) ? GgufModel.Open(path, catalog) : SafetensorsModel.Open(path, catalog);
    }

    /// <summary>Finds a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor; the message names the nearest ones.</exception>
    public ModelTensor this[string name] =>
        Find(name)
        ?? throw new KeyNotFoundException($"{Path} has no tensor '{name}'. {NearestName.Sentence(name, Tensors.Select(t => t.Name))}");

    /// <summary>Finds a tensor; null if there is none of that name.</summary>
    /// <param name="name">Its name.</param>
    public ModelTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A metadata entry; null if there is none of that key.</summary>
    /// <param name="key">The key.</param>
    public GgufValue? FindMetadata(string key) => Metadata.FirstOrDefault(entry => entry.Key == key).Value;

    /// <summary>Throws if a file was changed since it was opened: what was read of it does not belong together.</summary>
    /// <exception cref="ModelFormatException">One was.</exception>
    public void RequireUnchanged()
    {
        foreach (ByteSource source in Tensors.Select(tensor => tensor.Source).Distinct())
        {
            source.RequireUnchanged();
        }
    }

    /// <summary>Closes all files.</summary>
    public void Dispose()
    {
        foreach (IDisposable file in _files)
        {
            file.Dispose();
        }
    }

    private static bool HoldsGguf(string path)
    {
        if (
            path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(SafetensorsFile.Extension, StringComparison.OrdinalIgnoreCase)
        )
        {
            return path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase);
        }
        using ByteSource source = ByteSource.Open(path);
        Span<byte> magic = stackalloc byte[GgufHeader.Magic.Length];
        if (source.Length < magic.Length)
        {
            return false;
        }
        source.ReadExactly(magic, 0);
        return magic.SequenceEqual(GgufHeader.Magic);
    }

    private static string OnlyModelOf(string folder)
    {
        foreach (string ending in new[] { SafetensorsIndex.Extension, SafetensorsFile.Extension, GgufFile.Extension })
        {
            string[] found = Directory.GetFiles(folder, "*" + ending);
            if (found.Length == 1)
            {
                return found[0];
            }
            if (
                found.Length > 1
                && GgufSplit.Parse(found[0]) is { } first
                && found.All(path => GgufSplit.Parse(path) is { } other && (other.Path, other.Count) == (first.Path, first.Count))
            )
            {
                return found[0]; // any of the files leads to the others
            }
            if (found.Length > 1)
            {
                throw new IOException($"{folder} holds {found.Length} files that end in {ending}; name the one that is meant.");
            }
        }
        throw new FileNotFoundException(
            $"{folder} holds no {SafetensorsIndex.Extension}, {SafetensorsFile.Extension} or {GgufFile.Extension} file."
        );
    }
}
