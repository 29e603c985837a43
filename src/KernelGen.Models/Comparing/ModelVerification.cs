using System.Security.Cryptography;

namespace KernelGen.Models;

/// <summary>One tensor of a compressed model against the original.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">The original; null if there is none.</param>
/// <param name="After">The compressed one; null if there is none.</param>
/// <param name="Errors">Differences of the values; null if they were not compared.</param>
/// <param name="SameBytes">Whether both have the same bytes in the same storage.</param>
/// <param name="Repacked">Whether packing the original again gives the same bytes; null if that was not asked or does not apply.</param>
/// <param name="Hash">SHA-256 of the compressed bytes; null if there are none.</param>
/// <param name="Problem">What is wrong; null if nothing is.</param>
public sealed record TensorVerdict(
    string Name,
    ModelTensor? Before,
    ModelTensor? After,
    ValueErrors? Errors,
    bool SameBytes,
    bool? Repacked,
    string? Hash,
    string? Problem
)
{
    /// <summary>What was lost beyond rounding, short of a problem; nothing where values were not compared.</summary>
    public PackingLoss Loss { get; init; }
}

/// <summary>Compares a compressed model with the original, tensor by tensor, a few rows of each at a time.</summary>
/// <param name="before">The original.</param>
/// <param name="after">The compressed model.</param>
public sealed class ModelVerification(ModelFile before, ModelFile after)
{
    private const int HashedBytes = 1 << 20;

    /// <summary>Threads; results do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Cancels between parts.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Whether the original is packed again and the bytes are compared.</summary>
    public bool Repack { get; init; }

    /// <summary>
    /// Formats that share the bytes of a ggml type, of which any may have packed a tensor of a GGUF file; null to try the one that
    /// decodes it.
    /// </summary>
    public FormatCatalog? Catalog { get; init; }

    /// <summary>Importance that the compressed model was packed with, for <see cref="Repack"/>, and which weighs errors.</summary>
    public ImportanceFile? Importance { get; init; }

    /// <summary>Largest relative mean squared error that a tensor may have; null for any.</summary>
    public double? LargestError { get; init; }

    /// <summary>Names of all tensors of both models, those of the original first.</summary>
    public IReadOnlyList<string> Names =>
        [
            .. before.Tensors.Select(tensor => tensor.Name),
            .. after.Tensors.Select(tensor => tensor.Name).Where(name => before.Find(name) is null),
        ];

    /// <summary>Compares one tensor.</summary>
    /// <param name="name">Its name.</param>
    public TensorVerdict Compare(string name)
    {
        ModelTensor? a = before.Find(name),
            b = after.Find(name);
        string? hash = b is null ? null : Hash(b);
        if (a is null || b is null)
        {
            return new(name, a, b, null, false, null, hash, a is null ? "is not in the original" : "is missing");
        }
        if (a.Count != b.Count || !a.Shape.SequenceEqual(b.Shape) && !(a.Count == 1 && b.Count == 1))
        {
            return new(name, a, b, null, false, null, hash, $"has shape {b.ShapeText}; the original has {a.ShapeText}");
        }
        bool same = a.Storage == b.Storage && a.Bytes == b.Bytes && Hash(a) == hash;
        if (!a.Storage.IsReadable || !b.Storage.IsReadable)
        {
            return new(
                name,
                a,
                b,
                null,
                same,
                null,
                hash,
                same ? null : $"{a.Storage} and {b.Storage} differ and cannot be compared as numbers"
            );
        }
        a = b.Storage.Dtype is null ? a.As(b.Rows, b.Columns) : a;
        b = b.As(a.Rows, a.Columns);
        (ValueErrors errors, PackingLoss loss) = Errors(a, b);
        bool? repacked =
            Repack && !same && b.Storage.Format is { } format ? Packers(b.Storage, format).Any(packer => Repacks(a, b, packer)) : null;
        return new(name, a, b, errors, same, repacked, hash, Problem(b, errors, loss, repacked)) { Loss = loss };
    }

    private string? Problem(ModelTensor tensor, in ValueErrors errors, in PackingLoss loss, bool? repacked)
    {
        if (loss.Problem(tensor.Storage.Format) is { } lost)
        {
            return lost;
        }
        if (!double.IsFinite(errors.SquaredError))
        {
            return "has values that are not finite";
        }
        if (repacked == false)
        {
            return "packing the original gives other bytes";
        }
        return errors.RelativeError > LargestError
            ? FormattableString.Invariant($"has relative error {errors.RelativeError:G3}; {LargestError:G3} is allowed")
            : null;
    }

    private (ValueErrors, PackingLoss) Errors(ModelTensor a, ModelTensor b)
    {
        int columns = (int)a.Columns,
            rows = ChunkList.RowsOf(a),
            parts = (int)((a.Rows + rows - 1) / rows);
        var sums = new ValueErrors[parts];
        var losses = new PackingLoss[parts];
        ColumnImportance? weights = Importance?.For(a);
        if (a.Count > 0)
        {
            Workers.Run(parts, Threads, Cancellation, () =>
            {
                TensorRows first = new(a),
                    second = new(b);
                float[] x = new float[rows * columns],
                    y = new float[rows * columns];
                return part =>
                {
                    int count = (int)Math.Min(rows, a.Rows - (long)part * rows);
                    first.Read((long)part * rows, count, x);
                    second.Read((long)part * rows, count, y);
                    IEnumerable<(int First, int Count, ReadOnlyMemory<float> Weights)> runs = weights?.Runs((long)part * rows, count)
                        ?? [(0, count, default)];
                    foreach ((int begin, int run, ReadOnlyMemory<float> weight) in runs)
                    {
                        Span<float> before = x.AsSpan(begin * columns, run * columns),
                            after = y.AsSpan(begin * columns, run * columns);
                        sums[part] += ValueErrors.Of(before, after, weight.Span);
                        losses[part] += PackingLoss.Of(before, after, columns, b.Storage.Format?.Info);
                    }
                };
            });
        }
        return (
            sums.Aggregate(new ValueErrors(), (sum, part) => sum + part),
            losses.Aggregate(new PackingLoss(), (sum, part) => sum + part)
        );
    }

    /// <summary>The format that decodes the tensor, then others of the same bytes: they differ in how they round.</summary>
    private IEnumerable<CompressedFormat> Packers(TensorStorage storage, CompressedFormat decoder) =>
        [
            decoder,
            .. storage.Ggml is null || Catalog is null
                ? []
                : Catalog.All.Where(format => format != decoder && GgmlTypes.Of(format.Info) == storage.Ggml),
        ];

    private bool Repacks(ModelTensor a, ModelTensor b, CompressedFormat packer)
    {
        var planned = new PlannedTensor(a, b.Storage, "packed again") { Packer = packer };
        var chunks = new ChunkList([planned], [new([], [new(a.Name, 0, b.Bytes)], b.Bytes)]);
        var options = new ModelWriteOptions
        {
            Threads = Threads,
            Cancellation = Cancellation,
            Importance = Importance,
        };
        float[] scales = new TensorScales(chunks, options).Measure();
        bool same = planned.Bytes == b.Bytes;
        Workers.Run(chunks.Chunks.Count, Threads, Cancellation, () =>
        {
            var packer = new ChunkPacker(chunks, scales, Importance);
            byte[] stored = [];
            return index =>
            {
                Chunk chunk = chunks.Chunks[index];
                stored = stored.Length < chunk.Bytes ? new byte[chunk.Bytes] : stored;
                Span<byte> there = stored.AsSpan(0, chunk.Bytes);
                b.ReadBytes(chunk.Offset, there);
                if (!packer.Make(chunk).SequenceEqual(there))
                {
                    Volatile.Write(ref same, false);
                }
            };
        });
        return same;
    }

    private string Hash(ModelTensor tensor)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[HashedBytes];
        for (long at = 0; at < tensor.Bytes; at += buffer.Length)
        {
            Cancellation.ThrowIfCancellationRequested();
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, tensor.Bytes - at));
            tensor.ReadBytes(at, part);
            hash.AppendData(part);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
