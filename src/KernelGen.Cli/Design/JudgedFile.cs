using System.Collections.Concurrent;
using System.Globalization;
using KernelGen.Cli.Scaling;

namespace KernelGen.Cli.Design;

/// <summary>
/// Judgements of a search, by candidate and number of values, and a file that keeps them: a line that says of which values they are, then
/// a line for each: values, error, candidate. The file is replaced as a whole.
/// </summary>
internal sealed class JudgedFile
{
    private const string Title = "kernelgen design: ";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly string? _path;
    private readonly string _key;
    private readonly ConcurrentDictionary<(string Name, int Values), double> _errors = new();
    private readonly Lock _gate = new();
    private DateTime _saved = DateTime.UtcNow;

    private JudgedFile(string? path, string key) => (_path, _key) = (path, key);

    /// <summary>How many judgements there are.</summary>
    public int Count => _errors.Count;

    /// <summary>Reads a file, if there is one.</summary>
    /// <exception cref="UsageException">It is no such file, or of other values.</exception>
    public static JudgedFile Open(string? path, string key)
    {
        var file = new JudgedFile(path, key);
        if (path is null || !File.Exists(path))
        {
            return file;
        }
        string[] lines = File.ReadAllLines(path);
        if (lines.Length == 0 || !lines[0].StartsWith(Title, StringComparison.Ordinal))
        {
            throw new UsageException($"{path}: this is no file of a search; its first line would begin with '{Title.Trim()}'.");
        }
        if (lines[0][Title.Length..] != key)
        {
            throw new UsageException(
                $"{path}: its candidates were judged by other values: {lines[0][Title.Length..]}; this search's are: {key}. "
                    + "Name another file."
            );
        }
        for (int i = 1; i < lines.Length; i++)
        {
            if (
                lines[i].Split(' ') is not [var values, var error, var name]
                || !int.TryParse(values, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                || !double.TryParse(error, NumberStyles.Float, CultureInfo.InvariantCulture, out double found)
                || !double.IsFinite(found)
            )
            {
                throw new UsageException($"{path}: line {i + 1} is not a number of values, an error and a candidate.");
            }
            file._errors[(name, count)] = found;
        }
        return file;
    }

    /// <summary>A judgement, made where there is none.</summary>
    public double Error(string name, int values, Func<double> judge)
    {
        if (_errors.TryGetValue((name, values), out double known))
        {
            return known;
        }
        double error = judge();
        _errors[(name, values)] = error;
        lock (_gate)
        {
            if (DateTime.UtcNow - _saved > Interval)
            {
                Save();
            }
        }
        return error;
    }

    /// <summary>Writes the file.</summary>
    public void Save()
    {
        var lines = _errors
            .OrderBy(entry => entry.Key.Values)
            .ThenBy(entry => entry.Key.Name, StringComparer.Ordinal)
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key.Values} {entry.Value:R} {entry.Key.Name}\n"));
        LawCommandLine.Write(_path, $"{Title}{_key}\n{string.Concat(lines)}", overwrite: true);
        _saved = DateTime.UtcNow;
    }
}
