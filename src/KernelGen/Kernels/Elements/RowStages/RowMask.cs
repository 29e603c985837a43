using System.ComponentModel;
using System.Numerics;
using System.Runtime.InteropServices;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// A mask over whole rows: the values of largest magnitude of a row are kept, as many as its blocks have room for, wherever in the row they
/// lie. A row is the bitmap of all its columns, then blocks of the kept values in their order.
/// </summary>
/// <param name="density">Share of the values that is kept, above 0 and below 1.</param>
/// <param name="block">Columns to a block of kept values, a multiple of 8.</param>
/// <param name="group">Kept values under one scale, for rows that are repacked in memory; 0 for others.</param>
/// <param name="zeroCode">The code of zero, for such rows.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RowMask(double density, int block, int group = 0, byte zeroCode = 0)
{
    /// <summary>Kept values under one scale; 0 for rows that are not repacked.</summary>
    public int Group { get; } = group;

    /// <summary>The code of zero.</summary>
    public byte ZeroCode { get; } = zeroCode;

    /// <summary>Share of the values that is kept.</summary>
    public double Density { get; } = density;

    /// <summary>Columns to a block of kept values.</summary>
    public int Block { get; } = block;

    /// <summary>Values kept of a row: <see cref="SparseBitmap.Kept"/> of every block and of the rest.</summary>
    /// <param name="columns">Columns, 1 or more.</param>
    public int Kept(int columns)
    {
        int rest = columns % Block;
        return columns / Block * SparseBitmap.Kept(Block, Density) + (rest > 0 ? SparseBitmap.Kept(rest, Density) : 0);
    }

    /// <summary>Bytes in front of the blocks of a row.</summary>
    /// <param name="blocks">Blocks of the row.</param>
    internal int Bytes(int blocks) => blocks * (Block / 8);

    /// <summary>Marks among so many bits, counted from the first.</summary>
    internal static int Marks(ReadOnlySpan<byte> bitmap, int bits)
    {
        int marks = 0,
            at = 0;
        for (; at + 64 <= bits; at += 64)
        {
            marks += BitOperations.PopCount(MemoryMarshal.Read<ulong>(bitmap[(at >> 3)..]));
        }
        for (; at + 8 <= bits; at += 8)
        {
            marks += BitOperations.PopCount(bitmap[at >> 3]);
        }
        return at < bits ? marks + BitOperations.PopCount((uint)bitmap[at >> 3] & (1u << bits - at) - 1) : marks;
    }
}
