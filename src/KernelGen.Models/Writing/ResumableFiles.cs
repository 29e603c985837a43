using System.Globalization;

namespace KernelGen.Models;

/// <summary>
/// The files of one model, which are complete together: none appears under its name before the last chunk of all is on the
/// disk, and the first, by which a model is opened, appears last.
/// </summary>
internal sealed class ResumableFiles : IDisposable
{
    private readonly List<ResumableFile> _files = [];

    /// <summary>Begins the files, or continues them.</summary>
    /// <param name="paths">Their paths.</param>
    /// <param name="layouts">What goes into each.</param>
    /// <param name="fingerprint">What is written, see <see cref="ResumableFile.Fingerprint"/>.</param>
    /// <param name="options">Whether files may be replaced, or are to be continued.</param>
    /// <exception cref="IOException">A file exists, is unfinished and neither to be continued nor replaced, or is other work.</exception>
    public ResumableFiles(IReadOnlyList<string> paths, IReadOnlyList<FileLayout> layouts, string fingerprint, ModelWriteOptions options)
    {
        bool replace = !options.KeepUnfinished;
        foreach (string path in paths)
        {
            ResumableFile.RequireStartable(path, options.Overwrite, options.Resume, replace);
            if (replace && ResumableFile.IsUnfinished(path))
            {
                options.Note?.Invoke($"{path}.partial is left from work that was ended from outside; it is replaced.");
            }
        }
        try
        {
            for (int i = 0; i < paths.Count; i++)
            {
                _files.Add(
                    ResumableFile.Open(
                        paths[i],
                        layouts[i].Length,
                        string.Create(CultureInfo.InvariantCulture, $"{fingerprint} {i}"),
                        options.Overwrite,
                        options.Resume,
                        replace
                    )
                );
                _files[i].Write(layouts[i].Header, 0);
            }
        }
        catch
        {
            // What was begun just now holds nothing yet.
            _files.ForEach(options.Resume ? file => file.Dispose() : file => file.Abandon());
            throw;
        }
    }

    /// <summary>One of the files.</summary>
    public ResumableFile this[int file] => _files[file];

    /// <summary>Gives the complete files their names and removes the journals.</summary>
    public void Commit()
    {
        _files.ForEach(file => file.Flush());
        for (int i = _files.Count - 1; i >= 0; i--)
        {
            _files[i].Rename();
        }
        _files.ForEach(file => file.Forget());
    }

    /// <summary>Removes what was written: for work that would fail again.</summary>
    public void Abandon() => _files.ForEach(file => file.Abandon());

    /// <summary>Closes the files; without <see cref="Commit"/> or <see cref="Abandon"/> before, they can be continued.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());
}
