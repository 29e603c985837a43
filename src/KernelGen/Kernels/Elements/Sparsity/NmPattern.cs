using System.Collections.Concurrent;
using System.ComponentModel;
using System.Numerics;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// N:M sparsity: of every m neighbouring values the n of largest magnitude are kept. Which ones is a subset of n of m,
/// stored as its number among all of them: ⌈log₂ C(m, n)⌉ bits for m weights.
/// </summary>
/// <remarks>
/// Subsets are numbered in the order of their masks read as binary numbers (bit i = element i is kept), that is
/// Σ C(cᵢ, i + 1) over the kept indices c₀ &lt; c₁ &lt; … (the combinatorial number system). Immutable; one instance per (n, m).
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class NmPattern
{
    /// <summary>Largest group.</summary>
    public const int MaxGroup = 16;

    private static readonly ConcurrentDictionary<(int, int), NmPattern> s_patterns = new();

    private readonly ushort[] _masks;
    private readonly ushort[] _ranks;

    private NmPattern(int kept, int group)
    {
        Kept = kept;
        Group = group;
        _ranks = new ushort[1 << group];
        Array.Fill(_ranks, ushort.MaxValue);
        var masks = new List<ushort>();
        for (uint mask = 0; mask < 1u << group; mask++)
        {
            if (BitOperations.PopCount(mask) == kept)
            {
                _ranks[mask] = (ushort)masks.Count;
                masks.Add((ushort)mask);
            }
        }
        _masks = masks.ToArray();
    }

    /// <summary>Values kept of a group, n.</summary>
    public int Kept { get; }

    /// <summary>Values of a group, m.</summary>
    public int Group { get; }

    /// <summary>Number of subsets, C(m, n).</summary>
    public int Count => _masks.Length;

    /// <summary>Bits of a subset's number, ⌈log₂ C(m, n)⌉.</summary>
    public int IndexBits => BitOperations.Log2((uint)(Count - 1)) + (Count > 1 ? 1 : 0);

    /// <summary>Subsets by number, as masks: the table that generated kernels decode with.</summary>
    public ReadOnlySpan<ushort> Masks => _masks;

    /// <summary>The pattern of n of m.</summary>
    /// <param name="kept">n, 1 … m.</param>
    /// <param name="group">m, 1 to 16.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static NmPattern Of(int kept, int group)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(group, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(group, MaxGroup);
        ArgumentOutOfRangeException.ThrowIfLessThan(kept, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kept, group);
        return s_patterns.GetOrAdd((kept, group), static key => new NmPattern(key.Item1, key.Item2));
    }

    /// <summary>The number of a subset.</summary>
    /// <param name="mask">A mask with <see cref="Kept"/> of the lowest <see cref="Group"/> bits set.</param>
    /// <exception cref="ArgumentException">The mask is no such subset.</exception>
    public int Rank(uint mask)
    {
        int rank = mask < _ranks.Length ? _ranks[mask] : ushort.MaxValue;
        return rank != ushort.MaxValue
            ? rank
            : throw new ArgumentException($"Mask 0x{mask:X} does not keep {Kept} of {Group}.", nameof(mask));
    }

    /// <summary>The subset of a number, as a mask.</summary>
    /// <param name="rank">0 … <see cref="Count"/> − 1.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such subset.</exception>
    public uint Unrank(int rank) => _masks[rank];

    /// <summary>Chooses the values to keep: the largest magnitudes, of equal ones the lower index.</summary>
    /// <param name="values">A group of <see cref="Group"/> values; fewer count as followed by zeros. No NaN.</param>
    /// <returns>The mask of the kept values.</returns>
    public uint Select(ReadOnlySpan<float> values)
    {
        Span<double> scores = stackalloc double[MaxGroup];
        scores.Clear();
        for (int i = 0; i < Math.Min(values.Length, Group); i++)
        {
            scores[i] = MathF.Abs(values[i]);
        }
        return SelectScores(scores);
    }

    /// <summary>
    /// Chooses pairs to keep (pair-wise 4:8 is 2 of 4 pairs): those of the largest sums of squares, of equal ones the
    /// lower index.
    /// </summary>
    /// <param name="values"><see cref="Group"/> pairs of values; fewer count as followed by zeros. No NaN.</param>
    /// <returns>The mask of the kept pairs.</returns>
    public uint SelectPairs(ReadOnlySpan<float> values)
    {
        Span<double> scores = stackalloc double[MaxGroup];
        scores.Clear();
        for (int i = 0; i < Math.Min(values.Length, 2 * Group); i++)
        {
            scores[i / 2] += (double)values[i] * values[i]; // squares of float32 neither overflow nor vanish in double
        }
        return SelectScores(scores);
    }

    /// <summary>A score is kept if fewer than n beat it.</summary>
    private uint SelectScores(ReadOnlySpan<double> scores)
    {
        uint mask = 0;
        for (int i = 0; i < Group; i++)
        {
            int beatenBy = 0;
            for (int j = 0; j < Group; j++)
            {
                beatenBy += scores[j] > scores[i] || scores[j] == scores[i] && j < i ? 1 : 0;
            }
            mask |= beatenBy < Kept ? 1u << i : 0;
        }
        return mask;
    }

    /// <summary>Packs numbers of subsets, <see cref="IndexBits"/> bits each, the first in the lowest bits of the first byte.</summary>
    /// <param name="ranks">Numbers of subsets.</param>
    /// <param name="bytes">Receives <see cref="IndexBytes"/> bytes.</param>
    public void PackRanks(ReadOnlySpan<ushort> ranks, Span<byte> bytes)
    {
        bytes[..IndexBytes(ranks.Length)].Clear();
        for (int i = 0; i < ranks.Length; i++)
        {
            if (ranks[i] >= Count)
            {
                throw new ArgumentException($"{Kept} of {Group} has {Count} subsets; {ranks[i]} is no number of one.", nameof(ranks));
            }
            for (int b = 0, bit = i * IndexBits; b < IndexBits; b++, bit++)
            {
                bytes[bit >> 3] |= (byte)((ranks[i] >> b & 1) << (bit & 7));
            }
        }
    }

    /// <summary>Unpacks numbers of subsets.</summary>
    /// <param name="bytes">What <see cref="PackRanks"/> wrote.</param>
    /// <param name="ranks">Receives the numbers; numbers that are no subset's, in damaged bytes, come back as stored.</param>
    public void UnpackRanks(ReadOnlySpan<byte> bytes, Span<ushort> ranks)
    {
        int bits = IndexBits;
        uint mask = (1u << bits) - 1;
        for (int i = 0; i < ranks.Length; i++)
        {
            int bit = i * bits,
                first = bit >> 3;
            uint window = 0;
            for (int b = first; b <= bit + bits - 1 >> 3; b++)
            {
                window |= (uint)bytes[b] << 8 * (b - first);
            }
            ranks[i] = (ushort)(window >> (bit & 7) & mask);
        }
    }

    /// <summary>Bytes of packed numbers of subsets.</summary>
    /// <param name="groups">How many.</param>
    public int IndexBytes(int groups) => (groups * IndexBits + 7) / 8;
}
