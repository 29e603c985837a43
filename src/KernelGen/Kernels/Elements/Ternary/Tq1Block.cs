using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// A block of ggml's TQ1_0: 256 ternary weights in 54 bytes, 1.6875 bits each.
/// </summary>
/// <remarks>
/// <code>
/// bytes  0 … 31   plane of elements   0 … 159, five a byte
/// bytes 32 … 47   plane of elements 160 … 239, five a byte
/// bytes 48 … 51   plane of elements 240 … 255, four a byte
/// bytes 52, 53    binary16 scale: the largest magnitude
/// </code>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Tq1Block
{
    /// <summary>Weights of a block.</summary>
    public const int Weights = 256;

    /// <summary>Bytes of a block.</summary>
    public const int Bytes = 54;

    /// <summary>Packs a block as ggml does: scale = max|w|, w / scale rounded, halves away from zero.</summary>
    /// <param name="weights">256 finite weights.</param>
    /// <param name="block">Receives 54 bytes.</param>
    public static void Pack(ReadOnlySpan<float> weights, Span<byte> block)
    {
        weights = weights[..Weights];
        float largest = 0;
        foreach (float weight in weights)
        {
            largest = MathF.Max(largest, MathF.Abs(weight));
        }
        Span<sbyte> elements = stackalloc sbyte[Weights];
        TernaryPlane.Quantise(weights, largest != 0 ? 1f / largest : 0f, elements);
        PackElements(elements, block);
        ScaleCodec.Write(ScaleType.Float16, largest, block[52..54]);
    }

    /// <summary>Decodes a block.</summary>
    /// <param name="block">54 bytes.</param>
    /// <param name="weights">Receives 256 weights.</param>
    public static void Unpack(ReadOnlySpan<byte> block, Span<float> weights)
    {
        Span<sbyte> elements = stackalloc sbyte[Weights];
        UnpackElements(block, elements);
        float scale = ScaleCodec.Read(ScaleType.Float16, block[52..54]);
        for (int i = 0; i < Weights; i++)
        {
            weights[i] = elements[i] * scale;
        }
    }

    /// <summary>Packs the three planes.</summary>
    /// <param name="elements">256 elements of −1, 0 and 1.</param>
    /// <param name="block">Receives 52 bytes.</param>
    public static void PackElements(ReadOnlySpan<sbyte> elements, Span<byte> block)
    {
        TernaryPlane.Pack(elements[..160], 5, block[..32]);
        TernaryPlane.Pack(elements[160..240], 5, block[32..48]);
        TernaryPlane.Pack(elements[240..256], 4, block[48..52]);
    }

    /// <summary>Unpacks the three planes.</summary>
    /// <param name="block">52 bytes or more.</param>
    /// <param name="elements">Receives 256 elements of −1, 0 and 1.</param>
    public static void UnpackElements(ReadOnlySpan<byte> block, Span<sbyte> elements)
    {
        TernaryPlane.Unpack(block[..32], 5, elements[..160]);
        TernaryPlane.Unpack(block[32..48], 5, elements[160..240]);
        TernaryPlane.Unpack(block[48..52], 4, elements[240..256]);
    }
}
