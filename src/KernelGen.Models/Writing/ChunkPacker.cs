namespace KernelGen.Models;

/// <summary>Makes the bytes of chunks: reads rows, packs them; or copies bytes. One for each thread, because of its buffer.</summary>
internal sealed class ChunkPacker(ChunkList chunks, float[] scales, ImportanceFile? importance)
{
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
        int columns = (int)planned.Source.Columns, count = checked(chunk.Count * columns);
        if (_values.Length < count)
        {
            _values = new float[count];
        }
        Span<float> values = _values.AsSpan(0, count);
        new TensorRows(planned.Source).Read(chunk.First, chunk.Count, values);
        Pack(planned, chunk, values, bytes);
    }

    private void Pack(PlannedTensor planned, Chunk chunk, Span<float> values, Span<byte> bytes)
    {
        CompressedFormat format = planned.Packing;
        float scale = scales[chunk.Tensor];
        if (chunk.First == 0 && format.Info.TensorHeader is { } type)
        {
            ScaleCodec.Write(type, scale, bytes);
            bytes = bytes[format.Info.TensorHeaderBytes..];
        }
        try
        {
            if (planned.Target.Dtype is not null)
            {
                PackPlain(format, values, bytes);
                return;
            }
            RowPacker.Pack(format, values, chunk.Count, (int)planned.Source.Columns, scale, importance?.For(planned.Source), bytes);
        }
        catch (NonFiniteWeightException e)
        {
            var placed = new NonFiniteWeightException(format.Info.Name, chunk.First + e.Row, e.Column, e.Value);
            throw new ModelFormatException(planned.Source.File, placed.Message, planned.Source.Name, e);
        }
    }

    /// <summary>Plain values depend on nothing but themselves: all are packed as one row, whose padding is left off.</summary>
    private static void PackPlain(CompressedFormat format, Span<float> values, Span<byte> bytes)
    {
        var padded = new byte[format.Info.RowBytes(values.Length)];
        format.PackRows(values, 1, values.Length, 1f, padded);
        padded.AsSpan(0, bytes.Length).CopyTo(bytes);
    }
}
