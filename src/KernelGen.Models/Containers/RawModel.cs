namespace KernelGen.Models;

/// <summary>A file that holds the bytes of one matrix and nothing else, as a model of one tensor.</summary>
public static class RawModel
{
    /// <summary>Opens it.</summary>
    /// <param name="path">Path of the file; its name without extension is the tensor's.</param>
    /// <param name="storage">How the values are stored.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <exception cref="ModelFormatException">The file has other than the bytes that they take.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ModelFile Open(string path, TensorStorage storage, int rows, int columns)
    {
        ByteSource source = ByteSource.Open(path);
        try
        {
            long[] shape = [rows, columns];
            long bytes = storage.BytesOf(shape) ?? throw new ArgumentException($"The size of {storage} is not known.", nameof(storage));
            return source.Length == bytes
                ? new(
                    path,
                    storage.Name,
                    [new(System.IO.Path.GetFileNameWithoutExtension(path), shape, storage, bytes, source, 0)],
                    [],
                    [source]
                )
                : throw new ModelFormatException(path, $"it has {source.Length} bytes; {rows} × {columns} in {storage} take {bytes}.");
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }
}
