namespace KernelGen.Kernels.Products;

/// <summary>Blocks of 16 repacked rows; see <see cref="Int8Layout{TRecipe}"/>.</summary>
/// <param name="codes">Codes, block after block, slice after slice.</param>
/// <param name="scales">Scales, 16 for each group of columns of a block: binary16 as bytes, or empty.</param>
/// <param name="floatScales">Scales as float32, or empty.</param>
/// <param name="offsets">Offsets, 16 for each group of columns; empty if there are none.</param>
/// <param name="slices">Slices of a row.</param>
/// <param name="groups">Groups under one scale of a row.</param>
/// <param name="isLarge">Whether the rows come from memory rather than from a cache.</param>
internal readonly ref struct Int8Rows(
    Span<byte> codes,
    Span<byte> scales,
    Span<float> floatScales,
    Span<float> offsets,
    int slices,
    int groups,
    bool isLarge
)
{
    public Span<byte> Codes { get; } = codes;

    public Span<byte> Scales { get; } = scales;

    public Span<float> FloatScales { get; } = floatScales;

    public Span<float> Offsets { get; } = offsets;

    public int Slices { get; } = slices;

    public int Groups { get; } = groups;

    public bool IsLarge { get; } = isLarge;
}
