namespace KernelGen.Models;

/// <summary>A checked safetensors header: tensors that cover the data exactly, in the order of their offsets, and free-form metadata.</summary>
/// <param name="Tensors">The tensors by offset.</param>
/// <param name="Metadata">The <c>__metadata__</c> entries.</param>
public sealed record SafetensorsHeader(IReadOnlyList<SafetensorsTensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Longest header that the format allows, in bytes.</summary>
    public const int LongestLength = 100_000_000;

    /// <summary>Bytes in front of the header: its length as an unsigned 64-bit number.</summary>
    public const int LengthBytes = 8;

    /// <summary>Dimensions a tensor may have here; real ones have up to five or so.</summary>
    public const int MostDimensions = 64;

    /// <summary>The name that holds metadata and no tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>Reads a header.</summary>
    /// <param name="json">The header, without its length in front.</param>
    /// <param name="dataLength">Bytes that follow the header.</param>
    /// <param name="file">Name of the file, for messages.</param>
    /// <exception cref="ModelFormatException">The header is malformed or does not fit the data.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string file) =>
        new SafetensorsHeaderParser(file, dataLength).Parse(json);
}
