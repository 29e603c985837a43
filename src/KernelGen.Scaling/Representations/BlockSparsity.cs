using System.Numerics;

namespace KernelGen.Scaling;

/// <summary>
/// N:M sparsity: of every m neighbours the n of largest magnitude are kept, or of m/2 neighbouring pairs the n/2 of
/// largest norm (4:8 by pairs is the pattern of 4-bit sparse tensor cores).
/// </summary>
public sealed class BlockSparsity : Sparsity
{
    /// <summary>A pattern.</summary>
    /// <param name="kept">n: values kept, at least 1 and below <paramref name="of"/>; even for pairs.</param>
    /// <param name="of">m: values of a block, 2 to 16; even for pairs.</param>
    /// <param name="pairs">Whether neighbouring pairs are kept or dropped together.</param>
    /// <param name="coding">How positions are stored.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public BlockSparsity(int kept, int of, bool pairs = false, PositionCoding coding = PositionCoding.Combination)
        : base($"{kept}:{of}{(pairs ? "pair" : "")}{(coding == PositionCoding.Index ? "@index" : "")}")
    {
        if (of is < 2 or > 16 || kept < 1 || kept >= of)
        {
            throw new ArgumentOutOfRangeException(
                nameof(kept),
                $"{kept}:{of} keeps {kept} of {of}: m must lie between 2 and 16 and n between 1 and m − 1."
            );
        }
        if (pairs && (kept % 2 != 0 || of % 2 != 0))
        {
            throw new ArgumentOutOfRangeException(nameof(kept), $"{kept}:{of} by pairs: both numbers must be even.");
        }
        (KeptPerBlock, Block, Pairs, Coding) = (kept, of, pairs, coding);
        int choices = pairs ? of / 2 : of,
            chosen = pairs ? kept / 2 : kept;
        BlockBits = coding == PositionCoding.Index ? chosen * BitsFor(choices) : BitsFor(Combinations(choices, chosen));
    }

    /// <summary>n.</summary>
    public int KeptPerBlock { get; }

    /// <summary>Whether pairs are kept or dropped together.</summary>
    public bool Pairs { get; }

    /// <summary>How positions are stored.</summary>
    public PositionCoding Coding { get; }

    /// <summary>Bits of the positions of one block: ⌈log2 C(m, n)⌉, or n·⌈log2 m⌉; over pairs for pairs.</summary>
    public int BlockBits { get; }

    /// <inheritdoc/>
    public override int Block { get; }

    /// <inheritdoc/>
    public override double Density => (double)KeptPerBlock / Block;

    /// <inheritdoc/>
    public override double IndexBits => (double)BlockBits / Block;

    /// <inheritdoc/>
    public override int Kept(int columns) => columns / Block * KeptPerBlock + Math.Min(columns % Block, KeptPerBlock);

    /// <inheritdoc/>
    public override double RowIndexBits(int columns) => (columns + Block - 1) / Block * BlockBits;

    /// <inheritdoc/>
    public override void Select(ReadOnlySpan<float> row, Span<int> kept)
    {
        Span<float> norms = stackalloc float[16];
        int written = 0;
        for (int start = 0; start < row.Length; start += Block)
        {
            int count = Math.Min(Block, row.Length - start);
            if (count <= KeptPerBlock)
            {
                for (int i = 0; i < count; i++)
                {
                    kept[written++] = start + i;
                }
                continue;
            }
            ReadOnlySpan<float> block = row.Slice(start, count);
            // A shorter block at the end of a row is judged value by value, pairs or not.
            int unit = Pairs && count == Block ? 2 : 1;
            for (int i = 0; i < count / unit; i++)
            {
                norms[i] = unit == 1 ? MathF.Abs(block[i]) : float.Hypot(block[2 * i], block[2 * i + 1]);
            }
            written = Keep(norms[..(count / unit)], unit, start, written, kept);
        }
    }

    /// <summary>A unit is kept if fewer than the wanted number are larger, or equal and further left.</summary>
    private int Keep(ReadOnlySpan<float> norms, int unit, int start, int written, Span<int> kept)
    {
        int wanted = KeptPerBlock / unit;
        for (int i = 0; i < norms.Length; i++)
        {
            int larger = 0;
            for (int j = 0; j < i; j++)
            {
                larger += norms[j] >= norms[i] ? 1 : 0;
            }
            for (int j = i + 1; j < norms.Length; j++)
            {
                larger += norms[j] > norms[i] ? 1 : 0;
            }
            for (int k = 0; larger < wanted && k < unit; k++)
            {
                kept[written++] = start + i * unit + k;
            }
        }
        return written;
    }

    /// <summary>⌈log2 choices⌉.</summary>
    private static int BitsFor(int choices) => 32 - BitOperations.LeadingZeroCount((uint)choices - 1);

    private static int Combinations(int of, int chosen)
    {
        int result = 1;
        for (int i = 1; i <= chosen; i++)
        {
            result = result * (of - chosen + i) / i;
        }
        return result;
    }
}
