namespace KernelGen.Models;

/// <summary>A tensor to be written to a safetensors file.</summary>
/// <param name="Name">Name; not <c>__metadata__</c>.</param>
/// <param name="Dtype">Element type.</param>
/// <param name="Shape">Lengths of the dimensions, slowest first.</param>
/// <param name="Write">Writes exactly the bytes that type and shape take, when its turn comes.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsDtype Dtype, IReadOnlyList<long> Shape, Action<Stream> Write)
{
    /// <summary>Bytes that type and shape take.</summary>
    public long Bytes
    {
        get
        {
            long bits = checked(Shape.Aggregate(1L, (product, length) => checked(product * length)) * Dtype.Bits());
            return bits % 8 == 0 ? bits / 8 : throw new ArgumentException($"'{Name}': {bits} bits are no whole number of bytes.");
        }
    }
}
