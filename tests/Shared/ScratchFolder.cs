namespace KernelGen.Tests;

/// <summary>A folder for one test, removed afterwards.</summary>
public sealed class ScratchFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kernelgen-test-").FullName;

    public string this[string name] => Path.Combine(_folder, name);

    /// <summary>Names of the files in it, sorted.</summary>
    public string[] Files =>
        [.. Directory.EnumerateFileSystemEntries(_folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
