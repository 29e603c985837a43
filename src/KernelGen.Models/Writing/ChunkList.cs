namespace KernelGen.Models;

/// <summary>Some rows of a tensor, or for copied tensors some bytes: what one thread does at a time.</summary>
/// <param name="Tensor">Index of the tensor in the plan.</param>
/// <param name="First">First row, or first byte.</param>
/// <param name="Count">Rows, or bytes.</param>
/// <param name="File">Number of the file that the result belongs to.</param>
/// <param name="Offset">Where in that file.</param>
/// <param name="Bytes">Bytes of the result; the header of a packed tensor is part of its first chunk.</param>
/// <param name="SourceBytes">Bytes of the source it stands for, for progress.</param>
internal sealed record Chunk(int Tensor, long First, int Count, int File, long Offset, int Bytes, long SourceBytes);

/// <summary>The chunks of a plan. They depend on the plan alone, so that an interrupted run finds the same ones.</summary>
internal sealed class ChunkList
{
    /// <summary>Values of a chunk: large enough for a kernel to run at full speed, small enough for a few to fit the cache.</summary>
    public const int Values = 1 << 19;

    /// <summary>Bytes of a chunk that is copied.</summary>
    private const int CopiedBytes = 1 << 22;

    public ChunkList(IReadOnlyList<PlannedTensor> tensors, IReadOnlyList<FileLayout> files)
    {
        Tensors = tensors;
        Dictionary<string, int> index = tensors
            .Select((tensor, i) => (tensor.Source.Name, i))
            .ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.Ordinal);
        List<Chunk> chunks = [];
        for (int file = 0; file < files.Count; file++)
        {
            foreach (TensorPlace place in files[file].Tensors) // in the order of the file
            {
                int tensor = index[place.Name];
                chunks.AddRange(tensors[tensor].IsCopied ? Copied(tensor, file, place) : Packed(tensor, tensors[tensor], file, place));
            }
        }
        Chunks = chunks;
    }

    public IReadOnlyList<PlannedTensor> Tensors { get; }

    public IReadOnlyList<Chunk> Chunks { get; }

    /// <summary>Rows of a tensor that make a chunk.</summary>
    public static int RowsOf(ModelTensor tensor) => (int)Math.Clamp(Values / Math.Max(1, tensor.Columns), 1, Math.Max(1, tensor.Rows));

    private static IEnumerable<Chunk> Copied(int tensor, int file, TensorPlace place)
    {
        for (long first = 0; first < place.Bytes; first += CopiedBytes)
        {
            int bytes = (int)Math.Min(CopiedBytes, place.Bytes - first);
            yield return new(tensor, first, bytes, file, place.Offset + first, bytes, bytes);
        }
    }

    private static IEnumerable<Chunk> Packed(int tensor, PlannedTensor planned, int file, TensorPlace place)
    {
        ModelTensor source = planned.Source;
        if (source.Count == 0)
        {
            yield break;
        }
        int columns = (int)source.Columns,
            rows = RowsOf(source),
            header = planned.PackedAs?.TensorHeaderBytes ?? 0;
        int rowBytes = planned.PackedAs?.RowBytes(columns) ?? columns * (planned.Target.Dtype!.Value.Bits() / 8);
        for (long first = 0; first < source.Rows; first += rows)
        {
            int count = (int)Math.Min(rows, source.Rows - first);
            long begin = first == 0 ? 0 : header + first * rowBytes,
                end = header + (first + count) * rowBytes;
            yield return new(
                tensor,
                first,
                count,
                file,
                place.Offset + begin,
                checked((int)(end - begin)),
                source.Bytes * (first + count) / source.Rows - source.Bytes * first / source.Rows
            );
        }
    }
}
