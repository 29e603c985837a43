using KernelGen.Kernels.Elements;

namespace KernelGen.Gpu;

/// <summary>Some bits of every code, side by side in records of one unit each.</summary>
/// <param name="Bits">Bits of a code.</param>
/// <param name="Shift">Lowest of them.</param>
public readonly record struct GpuField(int Bits, int Shift);

/// <summary>Scales or offsets of groups.</summary>
/// <param name="Type">Their type.</param>
/// <param name="Offset">First byte in the block.</param>
/// <param name="PerBlock">Groups in a block of so many bytes; several of them may make up the stored one.</param>
/// <param name="BlockBytes">Bytes of that block.</param>
public readonly record struct GpuScale(ScaleType Type, int Offset, int PerBlock, int BlockBytes);

/// <summary>Integer scales of a super-block.</summary>
/// <param name="Type">Their type.</param>
/// <param name="Order">How they share bytes.</param>
/// <param name="Offset">Their first byte in the block.</param>
/// <param name="HasOffsets">Whether there are offsets as well.</param>
/// <param name="Super">Type of the super-scale.</param>
/// <param name="SuperOffset">Its first byte.</param>
/// <param name="SuperOffsetOffset">First byte of the offsets' super-scale.</param>
public sealed record GpuSubScales(
    ScaleType Type,
    SubScaleOrder Order,
    int Offset,
    bool HasOffsets,
    ScaleType Super,
    int SuperOffset,
    int SuperOffsetOffset
);

/// <summary>Outliers of a block.</summary>
/// <param name="Count">How many.</param>
/// <param name="Offset">First byte of their places.</param>
/// <param name="ZeroCode">The code that their places get, whose level is zero.</param>
public sealed record GpuBlockOutliers(int Count, int Offset, uint ZeroCode);

/// <summary>
/// How stored blocks become the arrays that kernels read. Each kind of data has its array: codes in records of a unit (32
/// weights), aligned for wide loads; scales apart. Made in memory when a matrix is uploaded and never saved.
/// </summary>
public sealed record GpuLayout
{
    /// <summary>Weights of a stored block.</summary>
    public required int Block { get; init; }

    /// <summary>Bytes of a stored block.</summary>
    public required int BlockBytes { get; init; }

    /// <summary>Where codes come from; null for rings.</summary>
    public CodeSource? Codes { get; init; }

    /// <summary>Codes of a unit; 0 if codes are stored by the row.</summary>
    public int CodesPerUnit { get; init; }

    /// <summary>What is stored of the codes, each in an array of its own: 16 bytes a unit or a multiple in quads, 8 in pairs, others in words.</summary>
    public IReadOnlyList<GpuField> Fields { get; init; } = [];

    /// <summary>Bits of codes that are turned: the sign of two's complement, so that devices subtract a zero point from all integers.</summary>
    public uint Flip { get; init; }

    /// <summary>Codes of a block, where those of a row's kept weights are stored side by side.</summary>
    public int CodesPerBlock { get; init; }

    /// <summary>Weights of a group; 0 without group scales.</summary>
    public int Group { get; init; }

    /// <summary>Group scales, or null.</summary>
    public GpuScale? Scale { get; init; }

    /// <summary>Group offsets, or null.</summary>
    public GpuScale? Offset { get; init; }

    /// <summary>Integer group scales, or null.</summary>
    public GpuSubScales? SubScales { get; init; }

    /// <summary>Type of the row's scale in front of it, or null.</summary>
    public ScaleType? RowScale { get; init; }

    /// <summary>Makes the mask of kept weights, or null.</summary>
    public Func<SparseBlock>? Mask { get; init; }

    /// <summary>First byte of the stored mask.</summary>
    public int MaskOffset { get; init; }

    /// <summary>Whether the mask of a row lies in front of its blocks, as a bitmap of all columns.</summary>
    public bool MasksRows { get; init; }

    /// <summary>Outliers of blocks, or null; those of rows are in <see cref="FormatInfo.RowOutliers"/>.</summary>
    public GpuBlockOutliers? Outliers { get; init; }

    /// <summary>First byte of a ring of bits.</summary>
    public int RingOffset { get; init; }

    /// <summary>Bits of a ring, 0 without.</summary>
    public int RingBits { get; init; }

    /// <summary>Levels or entries, or null.</summary>
    public Func<float[]>? Table { get; init; }

    /// <summary>Words that all rows share, in place of masks; or null.</summary>
    public Func<uint[]>? Patterns { get; init; }

    /// <summary>Columns that are rotated together, 0 for none.</summary>
    public int Rotation { get; init; }

    /// <summary>Seed of the rotation's signs.</summary>
    public uint RotationSeed { get; init; }

    /// <summary>
    /// Where in its record a code's bits are: side by side. Those of less than 4 bits, where every weight has a code, are 4 apart: weight i
    /// of a unit at 4 · (i % 8) of a word, and (i / 8) · bits on; so they lie below each other as nibbles do, and eight are shifted at once.
    /// </summary>
    /// <param name="field">The field.</param>
    /// <param name="i">The code's number in its unit.</param>
    public int BitOf(GpuField field, int i)
    {
        int row = i / 8 * field.Bits;
        return field.Bits < 4 && CodesPerUnit == GpuShape.Unit ? row / 4 * 32 + i % 8 * 4 + row % 4 : i * field.Bits;
    }

    /// <summary>Words of a ring: its bits, and the first ones again for windows that go round the end.</summary>
    public int RingWords => (RingBits + 31) / 32 + 2;
}
