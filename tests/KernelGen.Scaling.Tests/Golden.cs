using System.Globalization;

namespace KernelGen.Scaling.Tests;

/// <summary>Golden vectors, found by walking up from the test assembly.</summary>
internal static class Golden
{
    public static string? Folder { get; } = Find();

    /// <summary>Rows of a file with a header line, by column name. Quoted fields stand last.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Csv(string file)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder!, file));
        string[] names = lines[0].Split(',');
        return
        [
            .. lines
                .Skip(1)
                .Where(line => line.Length > 0)
                .Select(line =>
                    line.Split(',', names.Length)
                        .Select((field, i) => (Name: names[i], Field: field))
                        .ToDictionary(x => x.Name, x => x.Field)
                ),
        ];
    }

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "golden");
            if (Directory.Exists(path))
            {
                return path;
            }
        }
        return null;
    }
}
