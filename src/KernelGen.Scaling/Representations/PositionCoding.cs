namespace KernelGen.Scaling;

/// <summary>How the positions of an N:M pattern are stored.</summary>
public enum PositionCoding
{
    /// <summary>The number of the pattern: ⌈log2 C(m, n)⌉ bits per block (3 for 2:4, where log2 6 = 2.58).</summary>
    Combination = 0,

    /// <summary>The position of each kept value: n·⌈log2 m⌉ bits per block (4 for 2:4, as sparse tensor cores store it).</summary>
    Index = 1,
}
