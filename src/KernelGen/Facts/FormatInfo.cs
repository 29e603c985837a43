using KernelGen.Kernels.Coding;
using KernelGen.Kernels.Elements;

namespace KernelGen;

/// <summary>One step of a declaration as data, in the order in which it happens to a tensor.</summary>
/// <param name="Kind">The attribute's name without "Attribute": <c>IntElement</c>, <c>Scale</c>…</param>
/// <param name="Text">The declaration in words: <c>E2M1, ties to even</c>.</param>
public sealed record FormatStage(string Kind, string Text);

/// <summary>The constants of a declared format.</summary>
public sealed record FormatInfo
{
    /// <summary>Name used on the command line and in files.</summary>
    public required string Name { get; init; }

    /// <summary>Family of the representation for capacity coefficients: <c>int</c>, <c>float</c>, <c>codebook</c>…</summary>
    public required string Family { get; init; }

    /// <summary>Bits of one code; of codes for several elements, bits per element rounded down.</summary>
    public required int ElementBits { get; init; }

    /// <summary>Elements per scale; or <see cref="ScaleGroup.Row"/> or <see cref="ScaleGroup.Tensor"/>; 0 if there is no scale.</summary>
    public required int Group { get; init; }

    /// <summary>Elements of one stored block.</summary>
    public required int Block { get; init; }

    /// <summary>Bytes of one stored block; where a mask over whole rows lies in front of them, with a block's share of it.</summary>
    public required int BlockBytes { get; init; }

    /// <summary>Bytes in front of each row: the scale of a format with one scale per row.</summary>
    public int RowHeaderBytes { get; init; }

    /// <summary>Type of the tensor header, or null if there is none.</summary>
    public ScaleType? TensorHeader { get; init; }

    /// <summary>What happens to a tensor, in order.</summary>
    public required IReadOnlyList<FormatStage> Stages { get; init; }

    /// <summary>
    /// The value of each code before scaling, for scalar elements of at most 8 bits; NaN where a code is no number or is
    /// never written. Empty for wider elements.
    /// </summary>
    public IReadOnlyList<float> Levels { get; init; } = [];

    /// <summary>
    /// For one GaussianOptimal scale per row or tensor: that scale in units of the RMS, so that the grid over a unit
    /// Gaussian is <c>Levels · GaussianScale</c> and its error can be integrated exactly. Otherwise null.
    /// </summary>
    public double? GaussianScale { get; init; }

    /// <summary>
    /// Columns that are rotated together before coding, 0 for none. The error of a matvec is then bounded in the rotated
    /// basis, see <see cref="RotatedKernels{TInner}"/>.
    /// </summary>
    public int Rotation { get; init; }

    /// <summary>
    /// Whether packing searches for scales or codes of least error, so that the importance of columns can weigh it. Rules that take
    /// a scale from the largest value or from the RMS do not, nor do rotated formats: a rotation spreads every column over all of
    /// its block, which leaves them equally important.
    /// </summary>
    public bool HonoursImportance { get; init; }

    /// <summary>Whether NaN and infinity can be packed.</summary>
    public bool HoldsNonFinite { get; init; }

    /// <summary>
    /// Candidates that packing compares for one weight, about: 1 for formats that round, thousands for a trellis. Probes
    /// take fewer samples of formats that are slow to pack.
    /// </summary>
    public int CandidatesPerWeight { get; init; } = 1;

    /// <summary>Bytes of the tensor header.</summary>
    public int TensorHeaderBytes => TensorHeader is { } type ? ScaleCodec.Bytes(type) : 0;

    /// <summary>What each row stores of its largest values in front of its blocks; null where outliers, if any, belong to blocks.</summary>
    public RowOutliers? RowOutliers { get; init; }

    /// <summary>
    /// Bits per weight of a large matrix with long rows: everything in a block, codes and scales, and outliers of rows; row and tensor
    /// headers vanish in that limit. <see cref="PackedBytes"/> counts everything.
    /// </summary>
    public double BitsPerWeight => 8.0 * BlockBytes / Block + (RowOutliers?.BitsPerWeight ?? 0);

    /// <summary>Blocks of a row, the last of them padded.</summary>
    /// <param name="columns">Columns.</param>
    public long Blocks(long columns) => (columns + Block - 1) / Block;

    /// <summary>Bytes of one packed row, padding of the last block and everything in front of the blocks included.</summary>
    /// <param name="columns">Columns, 1 or more.</param>
    public int RowBytes(int columns) => checked((int)RowBytes((long)columns));

    /// <summary>Bytes of one packed row, for columns that come from a file and may be absurd.</summary>
    /// <param name="columns">Columns, 1 or more.</param>
    /// <exception cref="OverflowException">They are 2^63 or more.</exception>
    public long RowBytes(long columns)
    {
        long blocks = checked(columns + Block - 1) / Block;
        return checked(RowHeaderBytes + (RowOutliers?.Bytes(blocks * Block) ?? 0) + blocks * BlockBytes);
    }

    /// <summary>The way back: the most blocks of a row of so many bytes.</summary>
    /// <param name="rowBytes">Bytes of a row.</param>
    public long BlocksIn(long rowBytes)
    {
        long body = Math.Max(0, rowBytes - RowHeaderBytes),
            blocks = body / BlockBytes;
        if (RowOutliers is not null)
        {
            for (blocks = (long)(8.0 * body / (BitsPerWeight * Block)); blocks > 0 && RowBytes(blocks * Block) > rowBytes; )
            {
                blocks--;
            }
            while (RowBytes((blocks + 1) * Block) <= rowBytes)
            {
                blocks++;
            }
        }
        return blocks;
    }

    /// <summary>Bytes of a packed matrix, everything included.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public long PackedBytes(long rows, int columns) => TensorHeaderBytes + rows * RowBytes(columns);
}
