namespace KernelGen.Formats.Tests;

/// <summary>The folder of golden vectors and data that stands beside the checkout on the developers' machines.</summary>
internal static class SharedFolder
{
    public static string? Path { get; } = Find();

    public static string File(params string[] parts) => System.IO.Path.Combine([Path!, .. parts]);

    public static float[] Floats(params string[] parts)
    {
        byte[] bytes = System.IO.File.ReadAllBytes(File(parts));
        var floats = new float[bytes.Length / 4];
        Buffer.BlockCopy(bytes, 0, floats, 0, bytes.Length);
        return floats;
    }

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string shared = System.IO.Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(System.IO.Path.Combine(shared, "golden")))
            {
                return shared;
            }
        }
        return null;
    }
}

/// <summary>A test that compares with the golden vectors; skipped only where that folder is absent.</summary>
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute() => Skip = SharedFolder.Path is null ? "The folder with golden vectors is not beside this checkout." : null;
}

/// <inheritdoc cref="SharedFactAttribute"/>
public sealed class SharedTheoryAttribute : TheoryAttribute
{
    public SharedTheoryAttribute() =>
        Skip = SharedFolder.Path is null ? "The folder with golden vectors is not beside this checkout." : null;
}
