namespace KernelGen.Tests;

/// <summary>
/// A test on a file of the folder <c>shared</c> that lies beside the repository; skipped only where that folder is absent.
/// </summary>
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute()
    {
        if (Folder is null)
        {
            Skip = "There is no folder shared/data above the test assembly.";
        }
    }

    /// <summary>Path of a file below <c>shared</c>.</summary>
    public static string PathOf(params string[] parts) =>
        Path.Combine([Folder ?? throw new DirectoryNotFoundException("shared/data"), .. parts]);

    private static string? Folder { get; } = Find();

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string shared = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(shared, "data")))
            {
                return shared;
            }
        }
        return null;
    }
}
