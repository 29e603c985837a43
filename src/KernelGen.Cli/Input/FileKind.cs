using KernelGen.Models;

namespace KernelGen.Cli.Input;

/// <summary>What a file's name says about its contents.</summary>
internal static class FileKind
{
    public static bool IsSafetensors(string path) => path.EndsWith(SafetensorsFile.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>The container that an output's name asks for.</summary>
    /// <exception cref="UsageException">It asks for none.</exception>
    public static ModelContainer ContainerOf(string path) =>
        ModelContainers.Of(path)
        ?? throw new UsageException($"{path}: models are written to {GgufFile.Extension} and {SafetensorsFile.Extension} files.");

    public static bool IsRaw(string path) => path.EndsWith(RawFloatFile.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Throws unless the name says raw float32.</summary>
    /// <exception cref="UsageException">It does not.</exception>
    public static void RequireRaw(string path, string verb)
    {
        if (!IsRaw(path))
        {
            throw new UsageException($"{path}: {verb} takes {RawFloatFile.Extension} and {SafetensorsFile.Extension} files.");
        }
    }
}
