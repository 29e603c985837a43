namespace KernelGen.Models;

/// <summary>A tensor of a model, whatever its container.</summary>
public sealed class ModelTensor
{
    internal ModelTensor(string name, IReadOnlyList<long> shape, TensorStorage storage, long bytes, ByteSource source, long position)
    {
        (Rows, Columns, Count) = MatrixSizes.Of(shape);
        Name = name;
        Shape = shape;
        Storage = storage;
        Bytes = bytes;
        Source = source;
        Position = position;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Lengths of the dimensions, slowest first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>How its values are stored.</summary>
    public TensorStorage Storage { get; }

    /// <summary>Bytes in the file.</summary>
    public long Bytes { get; }

    /// <summary>Rows of the matrix it is taken as: the first dimension; 1 for a vector.</summary>
    public long Rows { get; }

    /// <summary>Columns: all other dimensions together.</summary>
    public long Columns { get; }

    /// <summary>Number of values.</summary>
    public long Count { get; }

    /// <summary>Bits per value, everything included; 0 for a tensor without values.</summary>
    public double BitsPerWeight => Count > 0 ? 8.0 * Bytes / Count : 0;

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

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
