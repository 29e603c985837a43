namespace KernelGen.Models;

/// <summary>Does the chunks of a plan that are not done yet.</summary>
internal sealed class ChunkRun(ChunkList chunks, float[] scales, ResumableFile file, ModelWriteOptions options)
{
    private long _done;
    private long _reused;

    /// <summary>Bytes of the source whose results were there already.</summary>
    public long Reused => _reused;

    public void Execute() => Workers.Run(chunks.Chunks.Count, options.Threads, options.Cancellation, () =>
    {
        var packer = new ChunkPacker(chunks, scales, options.Importance);
        byte[] buffer = [];
        return index =>
        {
            Chunk chunk = chunks.Chunks[index];
            buffer = buffer.Length < chunk.Bytes ? new byte[chunk.Bytes] : buffer;
            Do(index, chunk, packer, buffer.AsSpan(0, chunk.Bytes));
        };
    });

    private void Do(int index, Chunk chunk, ChunkPacker packer, Span<byte> bytes)
    {
        if (file.Listed.TryGetValue(index, out uint checksum) && file.Holds(bytes, chunk.Offset, checksum))
        {
            Interlocked.Add(ref _reused, chunk.SourceBytes);
        }
        else
        {
            packer.Make(chunk, bytes);
            file.Write(bytes, chunk.Offset);
            file.Done(index, ResumableFile.Checksum(bytes));
        }
        long done = Interlocked.Add(ref _done, chunk.SourceBytes);
        options.Progress?.Invoke(done, chunks.Tensors[chunk.Tensor].Source.Name);
    }
}
