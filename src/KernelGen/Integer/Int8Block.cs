namespace KernelGen;

/// <summary>Sixteen rows of a repacked matrix; see <see cref="Int8Layout"/>.</summary>
/// <param name="codes">Codes, slice after slice.</param>
/// <param name="scales">Scales, binary16 or float32, 16 for each group of columns.</param>
/// <param name="offsets">Offsets, 16 for each group of columns; empty if there are none.</param>
/// <param name="slices">Slices of a row.</param>
public readonly ref struct Int8Block(ReadOnlySpan<byte> codes, ReadOnlySpan<byte> scales, ReadOnlySpan<float> offsets, int slices)
{
    /// <summary>Codes, slice after slice.</summary>
    public ReadOnlySpan<byte> Codes { get; } = codes;

    /// <summary>Scales, binary16 or float32, 16 for each group of columns.</summary>
    public ReadOnlySpan<byte> Scales { get; } = scales;

    /// <summary>Offsets, 16 for each group of columns; empty if there are none.</summary>
    public ReadOnlySpan<float> Offsets { get; } = offsets;

    /// <summary>Slices of a row.</summary>
    public int Slices { get; } = slices;
}
