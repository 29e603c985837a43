using System.Diagnostics;

namespace KernelGen.Models;

/// <summary>
/// Does the chunks of a plan that are not done yet. As many threads as the options say decode and pack; one more takes
/// turns with them, so that a chunk is read and another written meanwhile.
/// </summary>
internal sealed class ChunkRun(ChunkList chunks, float[] scales, ResumableFiles files, ModelWriteOptions options)
{
    private readonly PackingLoss[] _losses = new PackingLoss[chunks.Tensors.Count];
    private readonly Lock _gate = new();
    private long _done,
        _reused,
        _reading,
        _packing,
        _writing;

    /// <summary>What it took so far.</summary>
    public ModelWriteReport Report => new(_reused, Time(_reading), Time(_packing), Time(_writing), TimeSpan.Zero, [.. Losses()]);

    public void Execute()
    {
        int threads = Math.Max(1, options.Threads);
        using var packing = new SemaphoreSlim(threads);
        Workers.Run(chunks.Chunks.Count, threads + 1, options.Cancellation, () =>
        {
            var packer = new ChunkPacker(chunks, scales, options.Importance, options.Saturate);
            return index => Do(index, packer, packing);
        });
    }

    private void Do(int index, ChunkPacker packer, SemaphoreSlim packing)
    {
        Chunk chunk = chunks.Chunks[index];
        ResumableFile file = files[chunk.File];
        if (file.Listed.TryGetValue(index, out DoneChunk before) && file.Holds(packer.Room(chunk), chunk.Offset, before.Checksum))
        {
            Interlocked.Add(ref _reused, chunk.SourceBytes);
            Add(chunk, before.Loss);
        }
        else
        {
            long start = Stopwatch.GetTimestamp();
            packer.Read(chunk);
            Count(ref _reading, start);
            Span<byte> bytes = Pack(chunk, packer, packing);
            PackingLoss loss = packer.Loss;
            Add(chunk, loss);
            start = Stopwatch.GetTimestamp();
            file.Write(bytes, chunk.Offset);
            file.Done(index, new(ResumableFile.Checksum(bytes), loss));
            Count(ref _writing, start);
        }
        long done = Interlocked.Add(ref _done, chunk.SourceBytes);
        options.Progress?.Invoke(done, chunks.Tensors[chunk.Tensor].Source.Name);
    }

    private void Add(Chunk chunk, in PackingLoss loss)
    {
        if (loss.Groups > 0)
        {
            lock (_gate)
            {
                _losses[chunk.Tensor] += loss;
            }
        }
    }

    private IEnumerable<TensorLoss> Losses() =>
        chunks
            .Tensors.Zip(_losses, (tensor, loss) => new TensorLoss(tensor, loss))
            .Where(lost => lost.Loss.IsAlarming(lost.Tensor.Target.Format));

    private Span<byte> Pack(Chunk chunk, ChunkPacker packer, SemaphoreSlim packing)
    {
        packing.Wait();
        long start = Stopwatch.GetTimestamp();
        try
        {
            return packer.Pack(chunk);
        }
        finally
        {
            packing.Release();
            Count(ref _packing, start);
        }
    }

    private static void Count(ref long ticks, long start) => Interlocked.Add(ref ticks, Stopwatch.GetTimestamp() - start);

    private static TimeSpan Time(long ticks) => Stopwatch.GetElapsedTime(0, ticks);
}
