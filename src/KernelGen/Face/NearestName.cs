namespace KernelGen;

/// <summary>Suggestions for misspelt names.</summary>
public static class NearestName
{
    /// <summary>"Did you mean a, b or c?", the nearest by edit distance; all names if there are few.</summary>
    /// <param name="wrong">The misspelt name.</param>
    /// <param name="names">The names there are.</param>
    public static string Sentence(string wrong, IEnumerable<string> names)
    {
        string[] nearest = [.. Of(wrong, names)];
        return nearest.Length switch
        {
            0 => "None are known.",
            1 => $"Did you mean {nearest[0]}?",
            _ => $"Did you mean {string.Join(", ", nearest[..^1])} or {nearest[^1]}?",
        };
    }

    /// <summary>Up to three names, nearest first; a name that contains the wrong one (or the reverse) counts as near.</summary>
    /// <param name="wrong">The misspelt name.</param>
    /// <param name="names">The names there are.</param>
    public static IEnumerable<string> Of(string wrong, IEnumerable<string> names)
    {
        string lower = wrong.ToLowerInvariant();
        return names
            .Select((name, index) => (name, index, distance: Distance(lower, name.ToLowerInvariant())))
            .OrderBy(entry => entry.distance)
            .ThenBy(entry => entry.index)
            .Take(3)
            .Select(entry => entry.name);
    }

    /// <summary>Levenshtein distance; less one third of it where one string contains the other.</summary>
    private static double Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        bool contained = a.Length > 0 && (b.Contains(a, StringComparison.Ordinal) || a.Contains(b, StringComparison.Ordinal));
        return contained ? row[b.Length] / 3.0 : row[b.Length];
    }
}
