namespace KernelGen.Models;

/// <summary>One tensor of a safetensors file: what its header says about it, checked.</summary>
/// <param name="Name">Name.</param>
/// <param name="Dtype">Element type.</param>
/// <param name="Shape">Lengths of the dimensions, slowest first; empty for a single value.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">Byte after the last one.</param>
/// <param name="Count">Number of values: the product of the shape.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsDtype Dtype, IReadOnlyList<long> Shape, long Begin, long End, long Count)
{
    /// <summary>Bytes in the file.</summary>
    public long Bytes => End - Begin;

    /// <summary>Rows of the matrix it is taken as: all dimensions but the contracted one; 1 for a vector or a single value.</summary>
    public long Rows => MatrixSizes.Of(Shape).Rows;

    /// <summary>
    /// Columns of the matrix it is taken as, the contracted axis: the last dimension, or a convolution's last ones together.
    /// </summary>
    public long Columns => MatrixSizes.Of(Shape).Columns;

    /// <summary>The shape as text: <c>[258, 1, 256]</c>.</summary>
    public string ShapeText => ShapeToText(Shape);

    internal static string ShapeToText(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
