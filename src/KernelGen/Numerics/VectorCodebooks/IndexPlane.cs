using System.Runtime.InteropServices;

namespace KernelGen;

/// <summary>
/// Indices of 1 to 16 bits packed without gaps: index i occupies bits i·b … i·b + b − 1 of the plane, lowest first, where
/// bit k of the plane is bit k mod 8 of byte ⌊k / 8⌋. Eight indices are b bytes.
/// </summary>
public static class IndexPlane
{
    /// <summary>Bytes of a plane.</summary>
    /// <param name="count">Number of indices.</param>
    /// <param name="bits">Bits of an index.</param>
    public static int Bytes(int count, int bits) => (count * bits + 7) / 8;

    /// <summary>Packs indices.</summary>
    /// <param name="indices">The indices, each below 2^bits.</param>
    /// <param name="bits">Bits of an index, 1 to 16.</param>
    /// <param name="plane">Receives <see cref="Bytes"/> bytes.</param>
    public static void Write(ReadOnlySpan<ushort> indices, int bits, Span<byte> plane)
    {
        int filled = 0, at = 0;
        uint pending = 0;
        foreach (ushort index in indices)
        {
            pending |= (uint)index << filled;
            for (filled += bits; filled >= 8; filled -= 8)
            {
                plane[at++] = (byte)pending;
                pending >>= 8;
            }
        }
        if (filled > 0)
        {
            plane[at] = (byte)pending;
        }
    }

    /// <summary>Unpacks indices.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="bits">Bits of an index, 1 to 16.</param>
    /// <param name="indices">Receives the indices.</param>
    public static void Read(ReadOnlySpan<byte> plane, int bits, Span<ushort> indices)
    {
        plane = plane[..Bytes(indices.Length, bits)];
        switch (bits)
        {
            case 4:
                for (int i = 0; i + 1 < indices.Length; i += 2)
                {
                    byte two = plane[i >> 1];
                    indices[i + 1] = (ushort)(two >> 4);
                    indices[i] = (ushort)(two & 15);
                }
                break;
            case 8:
                for (int i = 0; i < indices.Length; i++)
                {
                    indices[i] = plane[i];
                }
                return;
            default:
                ReadMany(plane, bits, indices);
                return;
        }
        if ((indices.Length & 1) != 0)
        {
            indices[^1] = (ushort)Get(plane, indices.Length - 1, bits);
        }
    }

    /// <summary>Index by index from 32 bits at once, while those lie in the plane; the last few bit by bit.</summary>
    private static void ReadMany(ReadOnlySpan<byte> plane, int bits, Span<ushort> indices)
    {
        uint mask = (1u << bits) - 1;
        int i = 0;
        for (int bit = 0; i < indices.Length && (bit >> 3) + sizeof(uint) <= plane.Length; i++, bit += bits)
        {
            indices[i] = (ushort)(MemoryMarshal.Read<uint>(plane[(bit >> 3)..]) >> (bit & 7) & mask);
        }
        for (; i < indices.Length; i++)
        {
            indices[i] = (ushort)Get(plane, i, bits);
        }
    }

    /// <summary>One index, bit by bit: the definition of the packing and the reference of <see cref="Read"/>.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="index">Which one.</param>
    /// <param name="bits">Bits of an index.</param>
    public static int Get(ReadOnlySpan<byte> plane, int index, int bits)
    {
        int value = 0;
        for (int i = 0; i < bits; i++)
        {
            int bit = index * bits + i;
            value |= (plane[bit >> 3] >> (bit & 7) & 1) << i;
        }
        return value;
    }
}
