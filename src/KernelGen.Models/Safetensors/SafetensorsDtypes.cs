namespace KernelGen.Models;

/// <summary>Names and sizes of <see cref="SafetensorsDtype"/>.</summary>
public static class SafetensorsDtypes
{
    /// <summary>Name in the header and bits of one element, by <see cref="SafetensorsDtype"/>.</summary>
    private static readonly (string Name, int Bits)[] Table =
    [
        ("BOOL", 8),
        ("F4", 4),
        ("F6_E2M3", 6),
        ("F6_E3M2", 6),
        ("U8", 8),
        ("I8", 8),
        ("F8_E5M2", 8),
        ("F8_E4M3", 8),
        ("F8_E8M0", 8),
        ("F8_E4M3FNUZ", 8),
        ("F8_E5M2FNUZ", 8),
        ("I16", 16),
        ("U16", 16),
        ("F16", 16),
        ("BF16", 16),
        ("I32", 32),
        ("U32", 32),
        ("F32", 32),
        ("C64", 64),
        ("F64", 64),
        ("I64", 64),
        ("U64", 64),
    ];

    /// <summary>All names, as headers spell them.</summary>
    public static IEnumerable<string> Names => Table.Select(entry => entry.Name);

    /// <summary>The name in a header: <c>F8_E4M3</c>.</summary>
    /// <param name="dtype">The type.</param>
    public static string Name(this SafetensorsDtype dtype) => Table[(int)dtype].Name;

    /// <summary>Bits of one element.</summary>
    /// <param name="dtype">The type.</param>
    public static int Bits(this SafetensorsDtype dtype) => Table[(int)dtype].Bits;

    /// <summary>Whether <see cref="SafetensorsFile.ReadSingles(SafetensorsTensor)"/> can turn the values into float32.</summary>
    /// <param name="dtype">The type.</param>
    public static bool IsReadable(this SafetensorsDtype dtype) =>
        dtype
            is SafetensorsDtype.F32
                or SafetensorsDtype.F16
                or SafetensorsDtype.BF16
                or SafetensorsDtype.F64
                or SafetensorsDtype.F8E4M3
                or SafetensorsDtype.F8E5M2
                or SafetensorsDtype.F8E4M3Fnuz
                or SafetensorsDtype.F8E5M2Fnuz;

    /// <summary>Finds a type by the name in a header.</summary>
    /// <param name="name">The name.</param>
    /// <param name="dtype">The type.</param>
    public static bool TryParse(string name, out SafetensorsDtype dtype)
    {
        int index = Array.FindIndex(Table, entry => entry.Name == name);
        dtype = (SafetensorsDtype)Math.Max(index, 0);
        return index >= 0;
    }
}
