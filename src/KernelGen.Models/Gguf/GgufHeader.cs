namespace KernelGen.Models;

/// <summary>A checked GGUF header.</summary>
/// <param name="Version">2 or 3, which have the same layout.</param>
/// <param name="Metadata">The metadata in the order of the file.</param>
/// <param name="Tensors">The tensors in the order of the file; their data do not overlap and end within it.</param>
/// <param name="Alignment">What offsets are multiples of.</param>
/// <param name="DataStart">First byte of the data.</param>
public sealed record GgufHeader(
    uint Version,
    IReadOnlyList<KeyValuePair<string, GgufValue>> Metadata,
    IReadOnlyList<GgufTensor> Tensors,
    int Alignment,
    long DataStart
)
{
    /// <summary>The first four bytes of a file: "GGUF".</summary>
    public static ReadOnlySpan<byte> Magic => "GGUF"u8;

    /// <summary>The metadata entry that sets the alignment.</summary>
    public const string AlignmentKey = "general.alignment";

    /// <summary>The alignment where no entry sets it.</summary>
    public const int DefaultAlignment = 32;

    /// <summary>Largest alignment that is believed; real files have 32 or a page.</summary>
    public const int LargestAlignment = 1 << 20;

    /// <summary>Dimensions a tensor may have.</summary>
    public const int MostDimensions = 4;

    /// <summary>
    /// Bytes that a tensor's name may have in a file that is read. Files are written with <see cref="GgufWriter.LongestName"/> at
    /// most.
    /// </summary>
    public const int LongestName = 65_535;

    /// <summary>Bytes a metadata key may have.</summary>
    public const int LongestKey = 65_535;

    /// <summary>Reads the header of a file that is in memory.</summary>
    /// <param name="file">All bytes of the file.</param>
    /// <param name="name">A name for messages.</param>
    /// <exception cref="ModelFormatException">The header is malformed or does not fit the data.</exception>
    public static GgufHeader Parse(ReadOnlyMemory<byte> file, string name)
    {
        using var source = ByteSource.Of(file, name);
        return new GgufHeaderParser(source).Parse();
    }
}
