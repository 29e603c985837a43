using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Indices of 1 to 16 bits packed without gaps: index i occupies bits i·b … i·b + b − 1 of the plane, lowest first, where
/// bit k of the plane is bit k mod 8 of byte ⌊k / 8⌋. Eight indices are b bytes.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
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
        int filled = 0,
            at = 0;
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
                int first = 0;
                for (; Vector128.IsHardwareAccelerated && first <= indices.Length - 16; first += 16)
                {
                    (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Create(plane.Slice(first, 16)));
                    low.CopyTo(indices[first..]);
                    high.CopyTo(indices[(first + 8)..]);
                }
                for (int i = first; i < indices.Length; i++)
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
        int i = bits == 12 ? ReadTwelve(plane, indices) : 0;
        for (int bit = i * bits; i < indices.Length && (bit >> 3) + sizeof(uint) <= plane.Length; i++, bit += bits)
        {
            indices[i] = (ushort)(MemoryMarshal.Read<uint>(plane[(bit >> 3)..]) >> (bit & 7) & mask);
        }
        for (; i < indices.Length; i++)
        {
            indices[i] = (ushort)Get(plane, i, bits);
        }
    }

    /// <summary>
    /// Eight indices of 12 bits are 12 bytes of a load of 16: even ones the low bits of two bytes, odd ones the high bits.
    /// </summary>
    /// <returns>How many were read.</returns>
    private static int ReadTwelve(ReadOnlySpan<byte> plane, Span<ushort> indices)
    {
        int i = 0;
        Vector128<byte> order = Vector128.Create((byte)0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11);
        Vector128<ushort> odd = Vector128.Create(0xFFFF0000u).AsUInt16();
        for (int at = 0; Vector128.IsHardwareAccelerated && i <= indices.Length - 8 && at + 16 <= plane.Length; i += 8, at += 12)
        {
            Vector128<ushort> pairs = Vector128.Shuffle(Vector128.Create(plane.Slice(at, 16)), order).AsUInt16();
            Vector128.ConditionalSelect(odd, pairs >>> 4, pairs & Vector128.Create((ushort)0xFFF)).CopyTo(indices[i..]);
        }
        return i;
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
