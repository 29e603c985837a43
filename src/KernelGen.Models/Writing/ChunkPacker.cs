using System.Runtime.InteropServices;
using KernelGen.Kernels.Elements;

namespace KernelGen.Models;

/// <summary>
/// Makes the bytes of chunks in two steps, so that one thread can read while another packs: <see cref="Read"/> takes the
/// rows from the file as they are stored, <see cref="Pack"/> decodes and packs them. One for each thread, because of its buffers.
/// </summary>
internal sealed class ChunkPacker(ChunkList chunks, float[] scales, ImportanceFile? importance, bool saturate = false)
{
    /// <summary>
    /// Values that are decoded and packed at a time: with what they come from and what they become, a part of a processor's own
    /// cache.
    /// </summary>
    private const int CachedValues = 1 << 14;

    private byte[] _stored = [],
        _packed = [],
        _padded = [];
    private readonly LossWatch _watch = new();
    private float[] _values = [];
    private ColumnImportance? _weights;
    private TensorRows? _rows;
    private int _tensor = -1;

    /// <summary>What packing the last chunk lost.</summary>
    public PackingLoss Loss => _watch.Loss;

    /// <summary>Reads and packs a chunk.</summary>
    /// <returns>Its bytes, until the next chunk.</returns>
    public Span<byte> Make(Chunk chunk)
    {
        Read(chunk);
        return Pack(chunk);
    }

    /// <summary>Room for the bytes of a chunk.</summary>
    public Span<byte> Room(Chunk chunk) => Room(ref _packed, chunk.Bytes);

    /// <summary>Reads what a chunk is made of.</summary>
    public void Read(Chunk chunk)
    {
        PlannedTensor planned = chunks.Tensors[chunk.Tensor];
        if (planned.IsCopied)
        {
            planned.Source.ReadBytes(chunk.First, Room(chunk));
            return;
        }
        if (_tensor != chunk.Tensor)
        {
            (_rows, _tensor) = (new(planned.Source), chunk.Tensor);
            _weights = importance?.For(planned.Source);
        }
        _rows!.ReadStored(chunk.First, Room(ref _stored, chunk.Count * _rows.RowBytes));
    }

    /// <summary>Packs what was read.</summary>
    /// <returns>The bytes of the chunk, until the next one.</returns>
    public Span<byte> Pack(Chunk chunk)
    {
        PlannedTensor planned = chunks.Tensors[chunk.Tensor];
        Span<byte> all = Room(chunk),
            bytes = all;
        _watch.Begin();
        if (planned.IsCopied)
        {
            return all;
        }
        if (chunk.First == 0 && planned.PackedAs is { TensorHeader: { } type } info)
        {
            ScaleCodec.Write(type, scales[chunk.Tensor], bytes);
            bytes = bytes[info.TensorHeaderBytes..];
        }
        int columns = (int)planned.Source.Columns,
            rows = Math.Clamp(CachedValues / columns, 1, chunk.Count),
            rowBytes = bytes.Length / chunk.Count;
        for (int done = 0; done < chunk.Count; done += rows)
        {
            int count = Math.Min(rows, chunk.Count - done);
            Span<float> values = Room(ref _values, checked(count * columns));
            _rows!.Decode(_stored.AsSpan(done * _rows.RowBytes, count * _rows.RowBytes), count, values);
            PackRows(planned, chunk, chunk.First + done, count, values, bytes.Slice(done * rowBytes, count * rowBytes));
        }
        return all;
    }

    private void PackRows(PlannedTensor planned, Chunk chunk, long first, int rows, Span<float> values, Span<byte> bytes)
    {
        if (planned.IsSingles)
        {
            RawFloatFile.LittleEndian(values);
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
            return;
        }
        CompressedFormat format = planned.Packing;
        if (planned.Target.Dtype is { } dtype)
        {
            PlainRange.Keep(planned, first, values, saturate);
            PackPlain(format, values, bytes);
            _watch.Look(dtype, values, rows, bytes);
            return;
        }
        try
        {
            RowPacker.Pack(format, values, first, rows, scales[chunk.Tensor], _weights, bytes);
            _watch.Look(format, values, rows, scales[chunk.Tensor], bytes);
        }
        catch (NonFiniteWeightException e)
        {
            var placed = new NonFiniteWeightException(format.Info.Name, first + e.Row, e.Column, e.Value);
            throw new ModelFormatException(planned.Source.File, placed.Message, planned.Source.Name, e);
        }
    }

    /// <summary>Plain values depend on nothing but themselves: all are packed as one row, whose padding is left off.</summary>
    private void PackPlain(CompressedFormat format, Span<float> values, Span<byte> bytes)
    {
        Span<byte> padded = Room(ref _padded, format.Info.RowBytes(values.Length));
        RowPacker.Pack(format, values, 0, 1, 1f, importance: null, padded);
        padded[..bytes.Length].CopyTo(bytes);
    }

    private static Span<T> Room<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new T[length];
        }
        return buffer.AsSpan(0, length);
    }
}
