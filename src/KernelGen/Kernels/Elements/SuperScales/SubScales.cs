using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>Packing of the integer scales and offsets of a super-block: entries of 4, 6 or 8 bits in a few bytes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SubScales
{
    /// <summary>Bits of an entry.</summary>
    /// <param name="type">An integer scale type.</param>
    public static int Bits(ScaleType type) =>
        type switch
        {
            ScaleType.UInt4 => 4,
            ScaleType.UInt6 or ScaleType.Int6 => 6,
            ScaleType.UInt8 or ScaleType.Int8 => 8,
            _ => throw new ArgumentException($"{type} is no integer scale type.", nameof(type)),
        };

    /// <summary>The smallest entry.</summary>
    /// <param name="type">An integer scale type.</param>
    public static int Lowest(ScaleType type) => type is ScaleType.Int6 or ScaleType.Int8 ? -(1 << (Bits(type) - 1)) : 0;

    /// <summary>The largest entry.</summary>
    /// <param name="type">An integer scale type.</param>
    public static int Highest(ScaleType type) => Lowest(type) + (1 << Bits(type)) - 1;

    /// <summary>Packs entries.</summary>
    /// <param name="type">An integer scale type.</param>
    /// <param name="order">How entries share bytes.</param>
    /// <param name="entries">The scales, then the offsets if there are any; each within the type's range.</param>
    /// <param name="bytes">Receives entries · bits / 8 bytes.</param>
    public static void Pack(ScaleType type, SubScaleOrder order, ReadOnlySpan<int> entries, Span<byte> bytes)
    {
        int bits = Bits(type),
            bias = Bias(type),
            mask = (1 << bits) - 1;
        bytes = bytes[..Bytes(bits, entries.Length)];
        bytes.Clear();
        for (int e = 0; e < entries.Length; e++)
        {
            if (entries[e] < Lowest(type) || entries[e] > Highest(type))
            {
                throw new ArgumentException($"Entry {e} is {entries[e]}; {type} holds {Lowest(type)} to {Highest(type)}.", nameof(entries));
            }
            int stored = entries[e] + bias & mask;
            (int low, int lowShift, int lowBits, int high, int highShift) = Place(bits, order, e, entries.Length);
            bytes[low] |= (byte)((stored & (1 << lowBits) - 1) << lowShift);
            if (lowBits < bits)
            {
                bytes[high] |= (byte)(stored >> lowBits << highShift);
            }
        }
    }

    /// <summary>Unpacks entries.</summary>
    /// <param name="type">An integer scale type.</param>
    /// <param name="order">How entries share bytes.</param>
    /// <param name="bytes">entries · bits / 8 bytes.</param>
    /// <param name="entries">Receives the scales, then the offsets.</param>
    public static void Unpack(ScaleType type, SubScaleOrder order, ReadOnlySpan<byte> bytes, Span<int> entries)
    {
        int bits = Bits(type),
            half = entries.Length / 2,
            quarter = entries.Length / 4;
        bytes = bytes[..Bytes(bits, entries.Length)];
        switch (bits, order)
        {
            case (8, _):
                for (int j = 0; j < bytes.Length; j++)
                {
                    entries[j] = type == ScaleType.Int8 ? (sbyte)bytes[j] : bytes[j];
                }
                return;
            case (4, SubScaleOrder.Split):
                SplitNibbles(bytes, entries);
                return;
            case (4, _):
                for (int j = 0; j < half; j++)
                {
                    (entries[2 * j], entries[2 * j + 1]) = (bytes[j] & 15, bytes[j] >> 4);
                }
                return;
            case (_, SubScaleOrder.Split):
                SplitNibbles(bytes[..half], entries);
                for (int j = 0; j < quarter; j++)
                {
                    int pairs = bytes[half + j];
                    entries[j] |= (pairs & 3) << 4;
                    entries[quarter + j] |= (pairs >> 2 & 3) << 4;
                    entries[half + j] |= (pairs >> 4 & 3) << 4;
                    entries[half + quarter + j] |= pairs >> 6 << 4;
                }
                break;
            case (_, SubScaleOrder.Neighbours):
                for (int j = 0; j < quarter; j++)
                {
                    int pairs = bytes[j],
                        first = bytes[quarter + 2 * j],
                        second = bytes[quarter + 2 * j + 1];
                    entries[4 * j] = first & 15 | (pairs & 3) << 4;
                    entries[4 * j + 1] = first >> 4 | (pairs >> 2 & 3) << 4;
                    entries[4 * j + 2] = second & 15 | (pairs >> 4 & 3) << 4;
                    entries[4 * j + 3] = second >> 4 | pairs >> 6 << 4;
                }
                break;
            default:
                for (int j = 0; j < quarter; j++)
                {
                    int scale = bytes[j],
                        offset = bytes[quarter + j],
                        low = bytes[half + j];
                    entries[j] = scale & 63;
                    entries[quarter + j] = low & 15 | scale >> 6 << 4;
                    entries[half + j] = offset & 63;
                    entries[half + quarter + j] = low >> 4 | offset >> 6 << 4;
                }
                break;
        }
        for (int e = 0; type == ScaleType.Int6 && e < entries.Length; e++)
        {
            entries[e] -= 32;
        }
    }

    private static void SplitNibbles(ReadOnlySpan<byte> bytes, Span<int> entries)
    {
        for (int j = 0; j < bytes.Length; j++)
        {
            entries[j] = bytes[j] & 15;
            entries[bytes.Length + j] = bytes[j] >> 4;
        }
    }

    private static int Bias(ScaleType type) => type == ScaleType.Int6 ? 32 : 0;

    private static int Bytes(int bits, int entries) =>
        entries * bits % 8 == 0
            ? entries * bits / 8
            : throw new ArgumentException($"{entries} entries of {bits} bits do not fill whole bytes.", nameof(entries));

    /// <summary>Where the low bits of an entry are, how many, and where the others are.</summary>
    private static (int Low, int LowShift, int LowBits, int High, int HighShift) Place(int bits, SubScaleOrder order, int e, int entries)
    {
        int half = entries / 2,
            quarter = entries / 4;
        if (bits == 8)
        {
            return (e, 0, 8, 0, 0);
        }
        (int nibble, int nibbleShift) = order == SubScaleOrder.Split ? (e % half, e / half * 4) : (e / 2, e % 2 * 4);
        if (bits == 4)
        {
            return (nibble, nibbleShift, 4, 0, 0);
        }
        switch (order)
        {
            case SubScaleOrder.Split:
                return (nibble, nibbleShift, 4, half + e % quarter, e / quarter * 2);
            case SubScaleOrder.Neighbours:
                return (quarter + nibble, nibbleShift, 4, e / 4, e % 4 * 2);
            default:
                // Scales are the first half of the entries; of scales and offsets alike the first half keeps its six bits together.
                int kind = e / half,
                    within = e % half;
                return within < quarter
                    ? (kind * quarter + within, 0, 6, 0, 0)
                    : (half + within - quarter, kind * 4, 4, kind * quarter + within - quarter, 6);
        }
    }
}
