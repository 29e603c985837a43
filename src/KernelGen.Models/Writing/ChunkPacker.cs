namespace KernelGen.Models;

/// <summary>Makes the bytes of chunks: reads rows, packs them; or copies bytes. One for each thread, because of its buffer.</summary>
internal sealed class ChunkPacker(ChunkList chunks, float[] scales, ImportanceFile? importance)
{
    /// <summary>Values that are read and packed at a time: 256 KiB of float32.</summary>
    private const int CachedValues = 1 << 16;

    private float[] _values = [];

    /// <param name="chunk">The chunk.</param>
    /// <param name="bytes">Receives its bytes.</param>
    public void Make(Chunk chunk, Span<byte> bytes)
    {
        PlannedTensor planned = chunks.Tensors[chunk.Tensor];
        if (planned.IsCopied)
        {
            planned.Source.ReadBytes(chunk.First, bytes);
            return;
        }
        if (chunk.First == 0 && planned.Target.Format?.Info.TensorHeader is { } type)
        {
            ScaleCodec.Write(type, scales[chunk.Tensor], bytes);
            bytes = bytes[planned.Packing.Info.TensorHeaderBytes..];
        }
        // Few rows at a time, so that what is read is still in the processor's cache when it is packed.
        int columns = (int)planned.Source.Columns, rows = Math.Clamp(CachedValues / columns, 1, chunk.Count), rowBytes = bytes.Length / chunk.Count;
        if (_values.Length < (long)rows * columns)
        {
            _values = new float[checked(rows * columns)];
        }
        var source = new TensorRows(planned.Source);
        for (int done = 0; done < chunk.Count; done += rows)
        {
            int count = Math.Min(rows, chunk.Count - done);
            Span<float> values = _values.AsSpan(0, count * columns);
            source.Read(chunk.First + done, count, values);
            Pack(planned, chunk, chunk.First + done, count, values, bytes.Slice(done * rowBytes, count * rowBytes));
        }
    }

    private void Pack(PlannedTensor planned, Chunk chunk, long first, int rows, Span<float> values, Span<byte> bytes)
    {
        CompressedFormat format = planned.Packing;
        if (planned.Target.Dtype is not null)
        {
            PackPlain(format, values, bytes);
            return;
        }
        try
        {
            RowPacker.Pack(format, values, rows, (int)planned.Source.Columns, scales[chunk.Tensor], importance?.For(planned.Source), bytes);
        }
        catch (NonFiniteWeightException e)
        {
            var placed = new NonFiniteWeightException(format.Info.Name, first + e.Row, e.Column, e.Value);
            throw new ModelFormatException(planned.Source.File, placed.Message, planned.Source.Name, e);
        }
    }

    /// <summary>Plain values depend on nothing but themselves: all are packed as one row, whose padding is left off.</summary>
    private static void PackPlain(CompressedFormat format, Span<float> values, Span<byte> bytes)
    {
        var padded = new byte[format.Info.RowBytes(values.Length)];
        RowPacker.Pack(format, values, 1, values.Length, 1f, importance: null, padded);
        padded.AsSpan(0, bytes.Length).CopyTo(bytes);
    }
}
