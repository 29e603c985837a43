using System.ComponentModel;

namespace KernelGen.Kernels.Recipes;

/// <summary>
/// How a format's weights become bytes for integer dot products: weight = scale · Step · (stored byte + Lowest) + offset.
/// The generator writes one for every format that can; the kernels are compiled with its constants.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IInt8Recipe
{
    /// <summary>Whether two codes share a byte of the repacked matrix.</summary>
    static abstract bool Nibbles { get; }

    /// <summary>Whether levels are integers times a step; if not, only float32 products are possible.</summary>
    static abstract bool HasIntegers { get; }

    /// <summary>The 16 levels that nibbles stand for; empty where codes are bytes.</summary>
    static abstract ReadOnlySpan<float> Levels { get; }

    /// <summary>Whether a nibble is an index into <see cref="Table"/>.</summary>
    static abstract bool HasTable { get; }

    /// <summary>The 16 bytes that nibbles stand for; empty without a table.</summary>
    static abstract ReadOnlySpan<byte> Table { get; }

    /// <summary>Whether bytes are two's complement, the range of levels being too wide for unsigned ones.</summary>
    static abstract bool Signed { get; }

    /// <summary>
    /// The integer that a stored 0 stands for: 0, or a power of two with its sign changed, which products with zero weights are exact by.
    /// </summary>
    static abstract int Lowest { get; }

    /// <summary>Pairs of products that may be added in 16 bits before they are widened: 8, 4, 2 or 1.</summary>
    static abstract int Chain { get; }

    /// <summary>Columns of a slice, 32 or 16: so many are multiplied before a scale is applied.</summary>
    static abstract int SliceColumns { get; }

    /// <summary>Slices under one scale.</summary>
    static abstract int SlicesPerScale { get; }

    /// <summary>Whether scales are held as binary16; otherwise they are float32.</summary>
    static abstract bool HalfScales { get; }

    /// <summary>Whether there are offsets.</summary>
    static abstract bool Offsets { get; }

    /// <summary>The weight of 1, a power of two.</summary>
    static abstract float Step { get; }

    /// <summary>What is stored for each code: the code itself, or its integer level as a byte.</summary>
    static abstract ReadOnlySpan<byte> Stored { get; }

    /// <summary>
    /// Terms whose sum is a weight, each with a scale of its own: the repacked matrix holds every group of columns so many times.
    /// </summary>
    static virtual int Stages => 1;

    /// <summary>
    /// Whether single weights may be others than their codes say: they are held next to the repacked codes, with what the codes leave of
    /// them.
    /// </summary>
    static virtual bool HasExceptions => false;

    /// <summary>What is added to a byte besides <see cref="Lowest"/> where levels are no integers but lie between them: ½.</summary>
    static virtual float Shift => 0f;

    /// <summary>
    /// Bits of the exponent where bytes are small floats (a sign, the exponent, then a mantissa that fills the byte); 0 where they are
    /// numbers.
    /// </summary>
    static virtual int Exponent => 0;

    /// <summary>Bias of the exponent.</summary>
    static virtual int Bias => 0;
}
