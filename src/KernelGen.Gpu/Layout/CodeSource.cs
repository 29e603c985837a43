using KernelGen.Kernels.Elements;

namespace KernelGen.Gpu;

/// <summary>Reads the codes of stored blocks, in the order of weights.</summary>
public abstract class CodeSource
{
    /// <summary>Reads the codes of a block.</summary>
    /// <param name="block">The stored block.</param>
    /// <param name="codes">Receives the codes.</param>
    public abstract void Read(ReadOnlySpan<byte> block, Span<uint> codes);
}

/// <summary>One plane of a block.</summary>
/// <param name="Bits">Bits of every code that it holds: 1, 2, 4, or whole codes of 8, 16 or 32.</param>
/// <param name="Shift">Lowest of them in the code.</param>
/// <param name="Order">Where codes sit within a span.</param>
/// <param name="Span">Codes after which the next bytes start.</param>
/// <param name="Offset">First byte in the block.</param>
public readonly record struct GpuPlane(int Bits, int Shift, CodeOrder Order, int Span, int Offset);

/// <summary>Codes in planes.</summary>
/// <param name="count">Codes of a block.</param>
/// <param name="blockBytes">Bytes of a block; several of them may make up the stored one.</param>
/// <param name="planes">The planes.</param>
public sealed class PlaneCodes(int count, int blockBytes, IReadOnlyList<GpuPlane> planes) : CodeSource
{
    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<byte> block, Span<uint> codes)
    {
        codes.Clear();
        for (int first = 0; first < codes.Length; first += count, block = block[blockBytes..])
        {
            foreach (GpuPlane plane in planes)
            {
                Add(plane, block[plane.Offset..], codes.Slice(first, count));
            }
        }
    }

    private static void Add(GpuPlane plane, ReadOnlySpan<byte> bytes, Span<uint> codes)
    {
        int stride = (plane.Span * plane.Bits + 7) / 8,
            perByte = Math.Max(1, 8 / plane.Bits),
            mask = (1 << Math.Min(plane.Bits, 8)) - 1;
        for (int i = 0; i < codes.Length; i++)
        {
            int start = i / plane.Span * stride,
                within = i % plane.Span,
                part = within % perByte;
            uint value;
            if (plane.Bits >= 8)
            {
                value = 0;
                for (int j = 0; j < plane.Bits / 8; j++)
                {
                    value |= (uint)bytes[start + within * (plane.Bits / 8) + j] << (8 * j);
                }
            }
            else if (plane.Order == CodeOrder.Split)
            {
                value = (uint)(bytes[start + within % stride] >> (within / stride * plane.Bits) & mask);
            }
            else
            {
                int shift = (plane.Order == CodeOrder.LowFirst ? part : perByte - 1 - part) * plane.Bits;
                value = (uint)(bytes[start + within / perByte] >> shift & mask);
            }
            codes[i] |= value << plane.Shift;
        }
    }
}

/// <summary>One part of a block of ternary weights.</summary>
/// <param name="First">First weight.</param>
/// <param name="Count">Weights.</param>
/// <param name="Offset">First byte in the block.</param>
/// <param name="Bytes">Bytes.</param>
/// <param name="Digits">Weights of a byte.</param>
public readonly record struct TritPlane(int First, int Count, int Offset, int Bytes, int Digits);

/// <summary>Ternary weights in planes; the code is the weight plus one.</summary>
/// <param name="pairs">Whether a weight takes two bits of a byte; else five are the digits of a fraction.</param>
/// <param name="planes">The parts.</param>
public sealed class TritCodes(bool pairs, IReadOnlyList<TritPlane> planes) : CodeSource
{
    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<byte> block, Span<uint> codes)
    {
        foreach (TritPlane plane in planes)
        {
            ReadOnlySpan<byte> bytes = block.Slice(plane.Offset, plane.Bytes);
            Span<uint> own = codes.Slice(plane.First, plane.Count);
            if (pairs)
            {
                Pairs(bytes, own);
            }
            else
            {
                Digits(bytes, plane.Digits, own);
            }
        }
    }

    private static void Pairs(ReadOnlySpan<byte> bytes, Span<uint> codes)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = (uint)bytes[i % bytes.Length] >> (i / bytes.Length * 2) & 3;
        }
    }

    private static void Digits(ReadOnlySpan<byte> bytes, int digits, Span<uint> codes)
    {
        Span<float> elements = stackalloc float[codes.Length];
        TernaryPlane.DecodeReference(bytes, digits, 1f, elements);
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = (uint)(elements[i] + 1);
        }
    }
}

/// <summary>Codes of some bits side by side, from the low bits up; those of a second stage are put on top.</summary>
/// <param name="offset">First byte in the block.</param>
/// <param name="bits">Bits of a code.</param>
/// <param name="secondOffset">First byte of the second stage.</param>
/// <param name="secondBits">Bits of its codes, 0 if there is none.</param>
public sealed class BitCodes(int offset, int bits, int secondOffset = 0, int secondBits = 0) : CodeSource
{
    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<byte> block, Span<uint> codes)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = Bits(block[offset..], i * bits, bits);
            codes[i] |= secondBits == 0 ? 0 : Bits(block[secondOffset..], i * secondBits, secondBits) << bits;
        }
    }

    private static uint Bits(ReadOnlySpan<byte> bytes, int first, int count)
    {
        uint value = 0;
        for (int i = 0; i < count; i++)
        {
            value |= (uint)(bytes[first + i >> 3] >> (first + i & 7) & 1) << i;
        }
        return value;
    }
}
