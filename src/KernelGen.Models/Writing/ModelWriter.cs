using System.Diagnostics;
using System.Globalization;

namespace KernelGen.Models;

/// <summary>How a model is written.</summary>
public sealed record ModelWriteOptions
{
    /// <summary>Whether an existing file, or an unfinished one, may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether to continue an unfinished file.</summary>
    public bool Resume { get; init; }

    /// <summary>Threads; the file does not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Cancels between chunks.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Whether cancelled work is left to be continued; if not, nothing of it remains.</summary>
    public bool KeepUnfinished { get; init; } = true;

    /// <summary>Hears of unfinished files that are replaced.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>Hears the bytes of the source that are done, and the tensor at hand; from any thread.</summary>
    public Action<long, string>? Progress { get; init; }

    /// <summary>Whether finite values beyond a plain type's range are cut to its largest; an error if not.</summary>
    public bool Saturate { get; init; }

    /// <summary>Weights of the columns' errors; null if all count the same.</summary>
    public ImportanceFile? Importance { get; init; }
}

/// <summary>
/// Writes planned tensors into a file, or a split GGUF model into several: packs those that change their storage, copies the others.
/// Rows are read, packed and
/// written in chunks by several threads, so memory stays at a few chunks regardless of the size of the model, and work that was
/// interrupted can be continued. The bytes depend on the plan only.
/// </summary>
public sealed class ModelWriter
{
    private readonly ModelFile _model;
    private readonly IReadOnlyList<FileLayout> _layouts;
    private readonly ChunkList _chunks;

    /// <summary>Lays the file out; nothing is written yet.</summary>
    /// <param name="model">Where the tensors come from.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="container">The container.</param>
    /// <param name="splitBytes">GGUF only: bytes of tensors that a file holds at most, though one tensor at least; null for one
    /// file.</param>
    /// <exception cref="ModelFormatException">A tensor cannot be held by the container.</exception>
    public ModelWriter(ModelFile model, IReadOnlyList<PlannedTensor> tensors, ModelContainer container, long? splitBytes = null)
    {
        _model = model;
        _layouts = ContainerLayout.Of(model, tensors, container, splitBytes);
        _chunks = new(tensors, _layouts);
    }

    private ModelWriter(ModelFile model, PlannedTensor tensor)
    {
        _model = model;
        _layouts = [new([], [new(tensor.Source.Name, 0, tensor.Bytes)], tensor.Bytes)];
        _chunks = new([tensor], _layouts);
    }

    /// <summary>Writes the bytes of one tensor alone, without any container.</summary>
    /// <param name="model">Where the tensor comes from.</param>
    /// <param name="tensor">The tensor.</param>
    public static ModelWriter OfBytes(ModelFile model, PlannedTensor tensor) => new(model, tensor);

    /// <summary>Bytes of all files.</summary>
    public long Length => _layouts.Sum(layout => layout.Length);

    /// <summary>The files that are written for a path: itself, or those of a split model, <c>NAME-00001-of-00003.gguf</c>.</summary>
    /// <param name="path">The path.</param>
    public IReadOnlyList<string> Paths(string path) =>
        _layouts.Count == 1 ? [path] : [.. Enumerable.Range(0, _layouts.Count).Select(i => GgufSplit.PathOf(path, i, _layouts.Count))];

    /// <summary>Writes the file, or the files; they appear under their names when all is complete.</summary>
    /// <param name="path">Path of the file; those of a split model get numbers.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ModelFormatException">The source is malformed, or a tensor holds what its format cannot.</exception>
    /// <exception cref="IOException">The file exists and may not be replaced, or cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; see <see cref="ModelWriteOptions.KeepUnfinished"/>.</exception>
    public ModelWriteReport Write(string path, ModelWriteOptions options)
    {
        if (options is { Resume: true, Overwrite: false } && IsComplete(path, options))
        {
            return new(_model.Bytes, default, default, default, default, []);
        }
        using var files = new ResumableFiles(Paths(path), _layouts, Fingerprint(options), options);
        try
        {
            float[] scales = new TensorScales(_chunks, options).Measure();
            var run = new ChunkRun(_chunks, scales, files, options);
            run.Execute();
            options.Cancellation.ThrowIfCancellationRequested();
            _model.RequireUnchanged();
            long finished = Stopwatch.GetTimestamp();
            files.Commit();
            return run.Report with { Flushing = Stopwatch.GetElapsedTime(finished) };
        }
        catch (Exception e) when (e is ModelFormatException || e is OperationCanceledException && !options.KeepUnfinished)
        {
            files.Abandon();
            throw;
        }
    }

    /// <summary>
    /// Whether all files are there already, without any journal: a run was ended between its last step and its exit. Lengths and headers
    /// are compared, and the first chunk of each tensor is made again.
    /// </summary>
    private bool IsComplete(string path, ModelWriteOptions options)
    {
        IReadOnlyList<string> paths = Paths(path);
        if (
            paths
                .Where(
                    (file, i) => !File.Exists(file) || new FileInfo(file).Length != _layouts[i].Length || ResumableFile.IsUnfinished(file)
                )
                .Any()
        )
        {
            return false;
        }
        ByteSource[] files = [.. paths.Select(ByteSource.Open)];
        try
        {
            float[] scales = new TensorScales(_chunks, options).Measure();
            var packer = new ChunkPacker(_chunks, scales, options.Importance, options.Saturate);
            return files.Zip(_layouts).All(pair => Same(pair.First, 0, pair.Second.Header))
                && _chunks.Chunks.Where(chunk => chunk.First == 0).All(chunk => Same(files[chunk.File], chunk.Offset, packer.Make(chunk)));
        }
        finally
        {
            Array.ForEach(files, file => file.Dispose());
        }

        static bool Same(ByteSource file, long offset, ReadOnlySpan<byte> expected)
        {
            var there = new byte[expected.Length];
            file.ReadExactly(there, offset);
            return expected.SequenceEqual(there);
        }
    }

    private string Fingerprint(ModelWriteOptions options)
    {
        IEnumerable<string> sources = _model
            .Tensors.Select(tensor => tensor.File)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(file =>
                string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file).Ticks}")
            );
        return ResumableFile.Fingerprint(
            [.. _layouts.SelectMany(layout => layout.Header)],
            [.. sources, options.Importance?.Fingerprint ?? ""]
        );
    }
}
