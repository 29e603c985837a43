using KernelGen.Models;

namespace KernelGen.Cli.Input;

/// <summary>
/// Tensors named on a command line: <c>FILE.safetensors[:NAME]</c>, or <c>FILE.f32[:ROWSxCOLUMNS]</c> for raw float32. A model's
/// tensors are read as all commands read them: decoded where a dialect stores them in several parts. A vector is one row, and so is a raw
/// file without a shape.
/// </summary>
internal sealed class TensorFile
{
    private readonly string _path;
    private readonly string? _detail;

    private TensorFile(string path, string? detail)
    {
        _path = path;
        _detail = detail;
    }

    /// <summary>Reads <c>FILE[:DETAIL]</c>. Both parts may hold colons: the shortest part that is an existing file is the file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="UsageException">Its kind is not known.</exception>
    public static TensorFile Find(string text)
    {
        for (int colon = text.IndexOf(':'); ; colon = text.IndexOf(':', colon + 1))
        {
            string path = colon < 0 ? text : text[..colon];
            if (File.Exists(path))
            {
                return FileKind.IsRaw(path) || FileKind.IsSafetensors(path)
                    ? new(path, colon < 0 ? null : text[(colon + 1)..])
                    : throw new UsageException(
                        $"{path}: tensors are read from {RawFloatFile.Extension} and {SafetensorsFile.Extension} files."
                    );
            }
            if (colon < 0)
            {
                throw new FileNotFoundException($"there is no file {text}.");
            }
        }
    }

    /// <summary>
    /// Hands the tensors over one by one, so that one is in memory at a time. Of a whole file, tensors that hold no
    /// numbers, no values, or values that are not finite are left out with a note; a tensor asked for by name must be fit.
    /// </summary>
    /// <param name="catalog">Where formats of packed tensors are found.</param>
    /// <param name="note">Called with what is left out and why.</param>
    /// <param name="use">Called with each tensor.</param>
    public void Read(FormatCatalog catalog, Action<string> note, Action<LoadedTensor> use)
    {
        if (FileKind.IsRaw(_path))
        {
            use(ReadRaw());
            return;
        }
        using ModelFile model = ModelFile.Open(_path, catalog);
        if (model.UnreadDialect is { } dialect)
        {
            throw new ModelFormatException(_path, $"it is quantised by {dialect}, which is not read here.");
        }
        if (_detail is not null)
        {
            ModelTensor tensor = model[_detail];
            LoadedTensor loaded =
                tensor.Count == 0
                    ? throw new ModelFormatException(_path, $"its shape {tensor.ShapeText} has no values.", tensor.Name)
                    : Load(tensor);
            use(loaded.FirstNonFinite is { } bad ? throw new ModelFormatException(_path, bad, tensor.Name) : loaded);
            return;
        }
        foreach (ModelTensor tensor in model.Tensors)
        {
            if (!tensor.Storage.IsReadable || tensor.Count == 0)
            {
                string why = tensor.Count == 0 ? "it has no values" : $"{tensor.Storage} are no numbers to compress";
                note($"{tensor.Name}: left out, {why}.");
                continue;
            }
            LoadedTensor loaded = Load(tensor);
            if (loaded.FirstNonFinite is { } bad)
            {
                note($"{tensor.Name}: left out, {bad}");
                continue;
            }
            use(loaded);
        }
    }

    private static LoadedTensor Load(ModelTensor tensor) =>
        new(tensor.Name, new TensorRows(tensor).ReadAll(), (int)tensor.Rows, (int)tensor.Columns);

    private LoadedTensor ReadRaw()
    {
        float[] values = RawFloatFile.Read(_path);
        int rows = 1,
            columns = values.Length;
        if (_detail is not null && !Numbers.TryShape(_detail, out rows, out columns))
        {
            throw new UsageException($"'{_detail}' is no shape; rows and columns are written like {_path}:4096x1024.");
        }
        if (values.Length == 0 || (long)rows * columns != values.Length)
        {
            throw new ModelFormatException(
                _path,
                $"it has {values.Length} values; {rows} × {columns} are {(long)rows * columns}, and one at least is needed."
            );
        }
        var loaded = new LoadedTensor(Path.GetFileName(_path), values, rows, columns);
        return loaded.FirstNonFinite is { } bad ? throw new ModelFormatException(_path, bad) : loaded;
    }
}
