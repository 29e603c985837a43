namespace KernelGen.Models;

/// <summary>Codes of a few bits one after the other, the lowest bit of a byte first.</summary>
internal static class BitStream
{
    /// <summary>One code.</summary>
    /// <param name="bytes">The stream.</param>
    /// <param name="index">Number of the code.</param>
    /// <param name="bits">Bits of each, 1 to 8.</param>
    public static int Code(ReadOnlySpan<byte> bytes, long index, int bits)
    {
        (long at, long shift) = Math.DivRem(index * bits, 8);
        int word = bytes[(int)at];
        if (shift + bits > 8)
        {
            word |= bytes[(int)at + 1] << 8;
        }
        return (word >> (int)shift) & ((1 << bits) - 1);
    }
}
