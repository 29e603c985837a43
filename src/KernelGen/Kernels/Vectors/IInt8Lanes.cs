using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Vectors;

/// <summary>
/// A vector as the integer kernels use it: 32 bits for each row, read as four bytes, two 16-bit sums, an integer or a
/// float32. Kernels are written once over this interface and compiled for each width.
/// </summary>
/// <typeparam name="TSelf">The width.</typeparam>
internal interface IInt8Lanes<TSelf>
    where TSelf : struct, IInt8Lanes<TSelf>
{
    /// <summary>Rows of a vector: 16, 8 or 4.</summary>
    static abstract int Rows { get; }

    /// <summary>All bits 0.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>Bytes as they are.</summary>
    static abstract TSelf Bytes(ref byte source, nuint offset);

    /// <summary>The low nibble of each byte.</summary>
    static abstract TSelf LowNibbles(ref byte source, nuint offset);

    /// <summary>The high nibble of each byte.</summary>
    static abstract TSelf HighNibbles(ref byte source, nuint offset);

    /// <summary>A table of 16 bytes as <see cref="Lookup"/> wants it.</summary>
    static abstract TSelf Table(ReadOnlySpan<byte> table);

    /// <summary>Bytes of the table by nibbles.</summary>
    static abstract TSelf Lookup(TSelf table, TSelf nibbles);

    /// <summary>Unsigned weights of 16 columns times activations, added in 16 bits.</summary>
    static abstract TSelf Chain(TSelf w0, TSelf w1, TSelf w2, TSelf w3, ref sbyte x);

    /// <summary>The same, added to 16-bit sums.</summary>
    static abstract TSelf ChainOn(TSelf sums, TSelf w0, TSelf w1, TSelf w2, TSelf w3, ref sbyte x);

    /// <summary><see cref="Chain"/> of two blocks of rows with the same activations.</summary>
    static abstract void ChainBoth(
        TSelf w0,
        TSelf w1,
        TSelf w2,
        TSelf w3,
        TSelf u0,
        TSelf u1,
        TSelf u2,
        TSelf u3,
        ref sbyte x,
        out TSelf first,
        out TSelf second
    );

    /// <summary>Unsigned weights of 16 columns times activations, two products at a time added in 16 bits, then in 32.</summary>
    static abstract TSelf Twos(TSelf w0, TSelf w1, TSelf w2, TSelf w3, ref sbyte x);

    /// <summary>Unsigned weights of 16 columns times activations, added in 32 bits.</summary>
    static abstract TSelf Ones(TSelf w0, TSelf w1, TSelf w2, TSelf w3, ref sbyte x);

    /// <summary>
    /// What is added to two's-complement weights to make them the unsigned bytes that the machine multiplies; 0 if they are multiplied as
    /// they are.
    /// </summary>
    static abstract int SignedBias { get; }

    /// <summary>Two's-complement weights as <see cref="Signed"/> wants them: with <see cref="SignedBias"/> added.</summary>
    static abstract TSelf Biased(TSelf weights);

    /// <summary>Two's-complement weights of 16 columns, biased, times activations, added in 32 bits.</summary>
    static abstract TSelf Signed(TSelf w0, TSelf w1, TSelf w2, TSelf w3, ref sbyte x);

    /// <summary>The same, added to 32-bit sums.</summary>
    static abstract TSelf SignedOn(TSelf sums, TSelf w0, TSelf w1, TSelf w2, TSelf w3, ref sbyte x);

    /// <summary>a + b in 16 bits.</summary>
    static abstract TSelf AddShorts(TSelf a, TSelf b);

    /// <summary>Neighbouring 16-bit sums added to 32 bits.</summary>
    static abstract TSelf Widen(TSelf sums);

    /// <summary>a + b in 32 bits.</summary>
    static abstract TSelf Add(TSelf a, TSelf b);

    /// <summary>The integer in the bits of a number, in all of 32 bits.</summary>
    static abstract TSelf Integers(ref float bits);

    /// <summary>Finite binary16 numbers.</summary>
    static abstract TSelf Halves(ref byte source, nuint index);

    /// <summary>Float32 numbers.</summary>
    static abstract TSelf Floats(ref float source, nuint index);

    /// <summary>sum + dot · (scale · activation).</summary>
    static abstract TSelf Accumulate(TSelf sum, TSelf dot, TSelf scale, ref float activation);

    /// <summary>sum + (dot · activation + correction) · scale.</summary>
    static abstract TSelf Accumulate(TSelf sum, TSelf dot, TSelf scale, ref float activation, ref float correction);

    /// <summary>sum + a · factor.</summary>
    static abstract TSelf AddScaled(TSelf sum, TSelf a, ref float factor);

    /// <summary>Stores float32 numbers.</summary>
    static abstract void Store(TSelf a, ref float target, nuint index);

    /// <summary>Stores a · factor.</summary>
    static abstract void Store(TSelf a, float factor, ref float target, nuint index);

    /// <summary>a + b in float32.</summary>
    static abstract TSelf AddFloats(TSelf a, TSelf b);
}
