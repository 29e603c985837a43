using System.Collections.Concurrent;
using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// The mask of a block of a sparse format: which values are kept, and how the mask is stored. One instance per
/// declaration's numbers; immutable. <see cref="Compress"/> and <see cref="Expand"/> are what generated coders call.
/// </summary>
/// <remarks>
/// A mask of N:M is stored as one index per m values, side by side from the low bits up: the pattern's number in the
/// order of <see cref="NmPattern"/>, or the nibbles of <see cref="SparseTwoOfFour"/>. By pairs m/2 pairs play the part of values.
/// Numbers that are no pattern's, in damaged bytes, read as the last pattern. A mask without a pattern is a bitmap.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class SparseBlock
{
    private static readonly ConcurrentDictionary<(int, int, int, bool, SparseIndex), SparseBlock> s_blocks = new();

    /// <summary>For its two subclasses.</summary>
    /// <param name="size">Values of a block.</param>
    /// <param name="kept">Values kept of a block.</param>
    /// <param name="maskBytes">Bytes of the stored mask.</param>
    private protected SparseBlock(int size, int kept, int maskBytes) => (Size, Kept, MaskBytes) = (size, kept, maskBytes);

    /// <summary>Values of a block.</summary>
    public int Size { get; }

    /// <summary>Values kept of a block.</summary>
    public int Kept { get; }

    /// <summary>Bytes of the stored mask.</summary>
    public int MaskBytes { get; }

    /// <summary>A block of patterns.</summary>
    /// <param name="n">Values kept of a pattern.</param>
    /// <param name="m">Values of a pattern.</param>
    /// <param name="pairs">Whether pairs are kept or dropped together.</param>
    /// <param name="index">How places are stored.</param>
    /// <param name="size">Values of the block, a multiple of <paramref name="m"/>.</param>
    public static SparseBlock Pattern(int n, int m, bool pairs, SparseIndex index, int size) =>
        s_blocks.GetOrAdd((n, m, size, pairs, index), static key => new PatternBlock(
            key.Item1,
            key.Item2,
            key.Item4,
            key.Item5,
            key.Item3
        ));

    /// <summary>A block with a bitmap.</summary>
    /// <param name="kept">Values kept.</param>
    /// <param name="size">Values of the block.</param>
    public static SparseBlock Bitmap(int kept, int size) =>
        s_blocks.GetOrAdd((kept, 0, size, false, SparseIndex.Combinatorial), static key => new BitmapBlock(key.Item1, key.Item3));

    /// <summary>Chooses the values to keep, stores the mask and collects them.</summary>
    /// <param name="values">Finite values of the block, or fewer at the end of a row: the missing ones are zeros that are kept
    /// last.</param>
    /// <param name="mask">Receives <see cref="MaskBytes"/> bytes.</param>
    /// <param name="kept">Receives <see cref="Kept"/> values; zeros in place of missing ones.</param>
    /// <returns>How many of them are in the row, at least 1; the rest, behind them, are missing.</returns>
    public int Compress(ReadOnlySpan<float> values, Span<byte> mask, Span<float> kept)
    {
        Span<byte> bitmap = stackalloc byte[(Size + 7) / 8];
        Select(values, mask, bitmap);
        int next = 0,
            present = 0;
        for (int i = 0; i < Size; i++)
        {
            if ((bitmap[i >> 3] >> (i & 7) & 1) != 0)
            {
                present += i < values.Length ? 1 : 0;
                kept[next++] = i < values.Length ? values[i] : 0f;
            }
        }
        return Math.Max(1, present);
    }

    /// <summary>Collects the numbers in the places of a mask.</summary>
    /// <param name="all"><see cref="Size"/> numbers.</param>
    /// <param name="mask">The mask as <see cref="Compress"/> stored it.</param>
    /// <param name="kept">Receives <see cref="Kept"/> numbers.</param>
    public void Gather(ReadOnlySpan<float> all, ReadOnlySpan<byte> mask, Span<float> kept)
    {
        Span<byte> bitmap = stackalloc byte[(Size + 7) / 8];
        Read(mask, bitmap);
        for (int i = 0, next = 0; i < Size; i++)
        {
            if ((bitmap[i >> 3] >> (i & 7) & 1) != 0)
            {
                kept[next++] = all[i];
            }
        }
    }

    /// <summary>Puts kept values back in their places, zeros elsewhere.</summary>
    /// <param name="kept">The kept values, and room for <see cref="SparseExpansion.Slack"/> more; overwritten behind the kept ones.</param>
    /// <param name="mask">The stored mask.</param>
    /// <param name="values">Receives <see cref="Size"/> values.</param>
    public virtual void Expand(Span<float> kept, ReadOnlySpan<byte> mask, Span<float> values)
    {
        kept[Kept..].Clear();
        Span<byte> bitmap = stackalloc byte[(Size + 7) / 8];
        Read(mask, bitmap);
        SparseExpansion.Expand(kept, bitmap, values);
    }

    /// <summary>The reference of <see cref="Expand"/>: place by place.</summary>
    /// <param name="kept">The kept values.</param>
    /// <param name="mask">The stored mask.</param>
    /// <param name="values">Receives <see cref="Size"/> values.</param>
    public abstract void ReferenceExpand(ReadOnlySpan<float> kept, ReadOnlySpan<byte> mask, Span<float> values);

    /// <summary>Chooses: the mask as stored, and as a bitmap.</summary>
    private protected abstract void Select(ReadOnlySpan<float> values, Span<byte> mask, Span<byte> bitmap);

    /// <summary>The bitmap of a stored mask; never more marks than kept values, unless the bitmap itself is stored.</summary>
    private protected abstract void Read(ReadOnlySpan<byte> mask, Span<byte> bitmap);
}
