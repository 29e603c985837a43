namespace KernelGen.Generators.Tests;

/// <summary>Files of the checkout, found from the test assembly upwards.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(params string[] parts) => File.ReadAllText(Path.Combine([Root, .. parts]));

    /// <summary>The sources of the built-in formats, with the usings that their project adds.</summary>
    public static string[] FormatSources() =>
        [
            "global using System; global using KernelGen;",
            .. Directory
                .EnumerateFiles(Path.Combine(Root, "formats", "KernelGen.Formats"), "*.cs", SearchOption.TopDirectoryOnly)
                .OrderBy(path => path, StringComparer.Ordinal)
                .Select(File.ReadAllText),
        ];

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "KernelGen.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException("The tests run inside the checkout.");
    }
}
