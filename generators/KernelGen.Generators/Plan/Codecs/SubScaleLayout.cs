using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>Sizes of the integer scales under a super-scale.</summary>
internal static class SubScaleLayout
{
    public static bool IsInteger(ScaleType type) => type >= ScaleType.UInt4;

    public static int Bits(ScaleType type) =>
        type switch
        {
            ScaleType.UInt4 => 4,
            ScaleType.UInt6 or ScaleType.Int6 => 6,
            _ => 8,
        };

    /// <summary>Scales, and as many offsets if there are any.</summary>
    public static int Entries(FormatModel model) => model.SuperScale!.Groups * (model.Offset is null ? 1 : 2);

    /// <summary>Where the entries sit, in words.</summary>
    public static string Describe(FormatModel model)
    {
        int entries = Entries(model),
            bits = Bits(model.Scale!.Type);
        string list = model.Offset is null ? "scales" : "scales, then offsets,";
        return (bits, model.SuperScale!.Order) switch
        {
            (8, _) => $"{list} one a byte",
            (4, SubScaleOrder.Split) => $"{list} as a list: byte j holds entries j and j+{entries / 2}",
            (4, _) => $"{list} as a list: byte j holds entries 2j and 2j+1",
            (_, SubScaleOrder.Split) => $"{list} as a list: low nibbles of entries j and j+{entries / 2} in byte j, "
                + $"then upper pairs of entries j, j+{entries / 4}, j+{entries / 2}, j+{3 * entries / 4}",
            (_, SubScaleOrder.Neighbours) =>
                $"{list} as a list: upper pairs of entries 4j … 4j+3 in byte j, then low nibbles of entries 2j and 2j+1",
            _ => $"scales 0-{entries / 4 - 1} and offsets 0-{entries / 4 - 1} in the low 6 bits of a byte each, then the low nibbles of "
                + "scale and offset "
                + $"j+{entries / 4}, whose upper pairs are on top of bytes j and j+{entries / 4}",
        };
    }
}
