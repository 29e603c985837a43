using KernelGen.Models;

namespace KernelGen.Cli.Input;

/// <summary>What a file's name says about its contents.</summary>
internal static class FileKind
{
    public static bool IsSafetensors(string path) => path.EndsWith(SafetensorsFile.Extension, StringComparison.OrdinalIgnoreCase);

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
