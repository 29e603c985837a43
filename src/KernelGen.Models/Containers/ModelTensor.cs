namespace KernelGen.Models;

/// <summary>A tensor of a model, regardless of its container.</summary>
public sealed class ModelTensor
{
    /// <param name="name">Its name.</param>
    /// <param name="shape">Lengths of the dimensions, slowest first.</param>
    /// <param name="storage">How its values are stored.</param>
    /// <param name="bytes">Bytes in the file.</param>
    /// <param name="source">The file.</param>
    /// <param name="position">First byte in the file.</param>
    /// <param name="packed">The matrix as which the file says that it was packed; null to take it from the shape.</param>
    /// <param name="storedBytes">Bytes of all parts of a tensor that a dialect stores in several; null for its own.</param>
    internal ModelTensor(
        string name,
        IReadOnlyList<long> shape,
        TensorStorage storage,
        long bytes,
        ByteSource source,
        long position,
        MatrixSizes? packed = null,
        long? storedBytes = null
    )
    {
        (Rows, Columns, Count) = packed ?? MatrixSizes.Of(shape);
        Name = OriginalName = name;
        Shape = shape;
        Storage = storage;
        Bytes = bytes;
        StoredBytes = storedBytes ?? bytes;
        Source = source;
        Position = position;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Lengths of the dimensions, slowest first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Its name in the checkpoint, where it goes by another here.</summary>
    public string OriginalName { get; private init; }

    /// <summary>How its values are stored.</summary>
    public TensorStorage Storage { get; }

    /// <summary>Bytes that reading gives: those in the file, or those of float32 values that a dialect stores otherwise.</summary>
    public long Bytes { get; }

    /// <summary>Bytes in the file, with all parts.</summary>
    public long StoredBytes { get; }

    /// <summary>Rows of the matrix it is taken as: all dimensions but the contracted one; 1 for a vector.</summary>
    public long Rows { get; }

    /// <summary>Columns, the contracted axis: the last dimension; with those before it where it is the window of a convolution.</summary>
    public long Columns { get; }

    /// <summary>Number of values.</summary>
    public long Count { get; }

    /// <summary>Bits per value, everything included; 0 for a tensor without values.</summary>
    public double BitsPerWeight => Count > 0 ? 8.0 * StoredBytes / Count : 0;

    /// <summary>The shape as text: <c>[4096, 4096]</c>.</summary>
    public string ShapeText => SafetensorsTensor.ShapeToText(Shape);

    internal ByteSource Source { get; }

    /// <summary>First byte in <see cref="Source"/>.</summary>
    internal long Position { get; }

    internal string File => Source.Path;

    /// <summary>Reads some bytes as they are.</summary>
    /// <param name="start">First byte, counted from the tensor's own first.</param>
    /// <param name="bytes">Receives the bytes.</param>
    /// <exception cref="ModelFormatException">The file has become shorter.</exception>
    public void ReadBytes(long start, Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Bytes - bytes.Length);
        Source.ReadExactly(bytes, Position + start, Name);
    }

    /// <summary>The same tensor under another name, and with its rows in another order where a source of them is given.</summary>
    internal ModelTensor Renamed(string name, ByteSource? ordered) =>
        new(name, Shape, Storage, Bytes, ordered ?? Source, ordered is null ? Position : 0, new(Rows, Columns, Count), StoredBytes)
        {
            OriginalName = OriginalName,
        };

    /// <summary>The same tensor under another name, with other plain values that are in memory.</summary>
    internal ModelTensor Replaced(string name, SafetensorsDtype dtype, byte[] bytes) =>
        new(name, Shape, TensorStorage.Of(dtype), bytes.Length, ByteSource.Of(bytes, File), 0) { OriginalName = OriginalName };

    /// <summary>Plain values under another matrix of as many values: that under which the same tensor was packed elsewhere.</summary>
    internal ModelTensor As(long rows, long columns) =>
        (rows, columns) == (Rows, Columns) ? this
        : Storage.Dtype is not null ? new(Name, Shape, Storage, Bytes, Source, Position, new(rows, columns, Count))
        : throw new ModelFormatException(File, $"it is packed as {Rows} × {Columns}, the other model's as {rows} × {columns}.", Name);

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
