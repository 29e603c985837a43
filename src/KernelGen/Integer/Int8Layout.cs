namespace KernelGen;

/// <summary>
/// The layout of the integer kernels. A block is 16 rows; a slice is 32 (or 16) of their columns: dword r of a 64-byte vector
/// belongs to row r and holds four columns, one a byte, or eight, one a nibble (columns 4 to 7 in the high nibbles).
/// </summary>
public sealed record Int8Layout
{
    /// <summary>Rows of a block.</summary>
    public const int Rows = 16;

    /// <summary>Whether two codes share a byte.</summary>
    public required bool Nibbles { get; init; }

    /// <summary>Columns of a slice, 32 or 16.</summary>
    public required int SliceColumns { get; init; }

    /// <summary>Slices under one scale.</summary>
    public required int SlicesPerScale { get; init; }

    /// <summary>Whether scales are held as binary16; otherwise they are float32.</summary>
    public required bool HalfScales { get; init; }

    /// <summary>Whether there are offsets.</summary>
    public required bool Offsets { get; init; }

    /// <summary>What is stored for each code: the code itself, or its integer level as a byte.</summary>
    public required IReadOnlyList<byte> Stored { get; init; }

    /// <summary>Columns under one scale.</summary>
    public int Group => SliceColumns * SlicesPerScale;

    /// <summary>Bytes of a slice.</summary>
    public int SliceBytes => Rows * SliceColumns / (Nibbles ? 2 : 1);
}
