using System.ComponentModel;
using System.Numerics;
using System.Runtime.InteropServices;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Unstructured sparsity of a row: the k largest magnitudes are kept, a bitmap of one bit per weight says which. The
/// bitmap is stored and counted whole; its entropy would be H(k / columns) bits per weight.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SparseBitmap
{
    /// <summary>Weights kept of a row: density · columns, rounded to the nearest, halves up, at least one.</summary>
    /// <param name="columns">Weights of a row.</param>
    /// <param name="density">Part to keep, above 0 and at most 1.</param>
    public static int Kept(int columns, double density)
    {
        if (!(density > 0 && density <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(density), density, "The density of kept weights is above 0 and at most 1.");
        }
        return Math.Clamp((int)Math.Floor(columns * density + 0.5), Math.Min(1, columns), columns);
    }

    /// <summary>Bytes of a bitmap.</summary>
    /// <param name="columns">Weights of a row.</param>
    public static int Bytes(int columns) => (columns + 7) / 8;

    /// <summary>
    /// The entropy of a row's bitmap, log₂ C(columns, kept) / columns: the bits per weight that the best code of fixed
    /// density would need.
    /// </summary>
    /// <param name="columns">Weights of a row, 1 or more.</param>
    /// <param name="kept">Kept weights.</param>
    public static double Entropy(int columns, int kept)
    {
        double bits = 0;
        for (int i = 1; i <= Math.Min(kept, columns - kept); i++)
        {
            bits += Math.Log2((columns - Math.Min(kept, columns - kept) + i) / (double)i);
        }
        return bits / columns;
    }

    /// <summary>Marks the k largest magnitudes, of equal ones those of lower index.</summary>
    /// <param name="row">The row; no NaN.</param>
    /// <param name="kept">k, 0 … row length.</param>
    /// <param name="bitmap">Receives <see cref="Bytes"/> bytes, column 0 in the lowest bit of the first.</param>
    /// <returns>The smallest kept magnitude; infinity if none is kept.</returns>
    public static float Select(ReadOnlySpan<float> row, int kept, Span<byte> bitmap)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(kept);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kept, row.Length);
        bitmap[..Bytes(row.Length)].Clear();
        if (kept == 0)
        {
            return float.PositiveInfinity;
        }
        uint threshold = Threshold(row, kept, out int ties);
        for (int i = 0; i < row.Length; i++)
        {
            uint magnitude = BitConverter.SingleToUInt32Bits(row[i]) & 0x7FFFFFFF;
            if (magnitude > threshold || magnitude == threshold && ties-- > 0)
            {
                bitmap[i >> 3] |= (byte)(1 << (i & 7));
            }
        }
        return BitConverter.UInt32BitsToSingle(threshold);
    }

    /// <summary>Collects the marked values of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="bitmap">The bitmap.</param>
    /// <param name="kept">Receives the marked values in order.</param>
    /// <returns>Their number.</returns>
    public static int Compress(ReadOnlySpan<float> row, ReadOnlySpan<byte> bitmap, Span<float> kept)
    {
        int next = 0;
        for (int at = 0; at < Bytes(row.Length); at++)
        {
            for (uint bits = bitmap[at]; bits != 0; bits &= bits - 1)
            {
                kept[next++] = row[at * 8 + BitOperations.TrailingZeroCount(bits)];
            }
        }
        return next;
    }

    /// <summary>Puts marked values back in their places, zeros elsewhere.</summary>
    /// <param name="kept">The marked values in order.</param>
    /// <param name="bitmap">The bitmap.</param>
    /// <param name="row">Receives the row.</param>
    /// <exception cref="IndexOutOfRangeException">The bitmap marks more values than there are, or marks beyond the row.</exception>
    public static void Expand(ReadOnlySpan<float> kept, ReadOnlySpan<byte> bitmap, Span<float> row)
    {
        row.Clear();
        int next = 0,
            at = 0;
        for (; at + 8 <= row.Length / 8; at += 8)
        {
            for (ulong bits = MemoryMarshal.Read<ulong>(bitmap[at..]); bits != 0; bits &= bits - 1)
            {
                row[at * 8 + BitOperations.TrailingZeroCount(bits)] = kept[next++];
            }
        }
        for (; at < Bytes(row.Length); at++)
        {
            for (uint bits = bitmap[at]; bits != 0; bits &= bits - 1)
            {
                row[at * 8 + BitOperations.TrailingZeroCount(bits)] = kept[next++];
            }
        }
    }

    /// <summary>
    /// The bits of the k-th largest magnitude, by four passes of counting a byte each, and how many of its equals are
    /// among the k. The bits of floats without sign are in the order of their values.
    /// </summary>
    private static uint Threshold(ReadOnlySpan<float> row, int kept, out int ties)
    {
        Span<int> counts = stackalloc int[256];
        uint prefix = 0;
        ties = kept;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            counts.Clear();
            foreach (float value in row)
            {
                uint magnitude = BitConverter.SingleToUInt32Bits(value) & 0x7FFFFFFF;
                if ((ulong)magnitude >> shift + 8 == (ulong)prefix >> shift + 8)
                {
                    counts[(int)(magnitude >> shift & 255)]++;
                }
            }
            int digit = 255;
            while (counts[digit] < ties)
            {
                ties -= counts[digit--];
            }
            prefix |= (uint)digit << shift;
        }
        return prefix;
    }
}
