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

    /// <summary>Cancels between chunks; what is written can be continued then.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Hears the bytes of the source that are done, and the tensor at hand; from any thread.</summary>
    public Action<long, string>? Progress { get; init; }

    /// <summary>Weights of the columns' errors; null if all count the same.</summary>
    public ImportanceFile? Importance { get; init; }
}

/// <summary>
/// Writes planned tensors into one file: packs those that change their storage, copies the others. Rows are read, packed and
/// written in chunks by several threads, so memory stays at a few chunks whatever the size of the model, and work that was
/// interrupted can be continued. The bytes depend on the plan only.
/// </summary>
public sealed class ModelWriter
{
    private readonly ModelFile _model;
    private readonly FileLayout _layout;
    private readonly ChunkList _chunks;

    /// <summary>Lays the file out; nothing is written yet.</summary>
    /// <param name="model">Where the tensors come from.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="container">The container.</param>
    /// <exception cref="ModelFormatException">A tensor cannot be held by the container.</exception>
    public ModelWriter(ModelFile model, IReadOnlyList<PlannedTensor> tensors, ModelContainer container)
    {
        _model = model;
        _layout = ContainerLayout.Of(model, tensors, container);
        _chunks = new(tensors, _layout);
    }

    /// <summary>Bytes of the file.</summary>
    public long Length => _layout.Length;

    /// <summary>Writes the file; it appears under its name when it is complete.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ModelFormatException">The source is malformed, or a tensor holds what its format cannot.</exception>
    /// <exception cref="IOException">The file exists and may not be replaced, or cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the work can be continued.</exception>
    public ModelWriteReport Write(string path, ModelWriteOptions options)
    {
        using ResumableFile file = ResumableFile.Open(path, Length, Fingerprint(options), options.Overwrite, options.Resume);
        try
        {
            file.Write(_layout.Header, 0);
            float[] scales = new TensorScales(_chunks, options).Measure();
            var run = new ChunkRun(_chunks, scales, file, options);
            run.Execute();
            options.Cancellation.ThrowIfCancellationRequested();
            long finished = Stopwatch.GetTimestamp();
            file.Commit();
            return run.Report with { Flushing = Stopwatch.GetElapsedTime(finished) };
        }
        catch (ModelFormatException)
        {
            file.Abandon();
            throw;
        }
    }

    private string Fingerprint(ModelWriteOptions options)
    {
        IEnumerable<string> sources = _model.Tensors.Select(tensor => tensor.File).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file).Ticks}"));
        return ResumableFile.Fingerprint(_layout.Header, [.. sources, options.Importance?.Fingerprint ?? ""]);
    }
}
