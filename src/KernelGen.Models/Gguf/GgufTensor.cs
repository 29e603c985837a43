namespace KernelGen.Models;

/// <summary>One tensor of a GGUF file: what its header says about it, checked.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">How its values are stored.</param>
/// <param name="Shape">Lengths of the dimensions, slowest first: the reverse of the order in the file.</param>
/// <param name="Offset">First byte, counted from the start of the data.</param>
/// <param name="Bytes">Bytes; of a type of unknown size, those up to the next tensor or the end of the file.</param>
/// <param name="Count">Number of values: the product of the shape.</param>
public sealed record GgufTensor(string Name, GgmlType Type, IReadOnlyList<long> Shape, long Offset, long Bytes, long Count);
