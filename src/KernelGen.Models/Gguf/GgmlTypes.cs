using System.Globalization;

namespace KernelGen.Models;

/// <summary>The types of ggml: what the numbers in a GGUF file stand for, and which of our formats have their bytes.</summary>
public static class GgmlTypes
{
    /// <summary>
    /// Number, name, values and bytes of a block: ggml.h (enum ggml_type), ggml.c (type_traits) and the asserted sizes of
    /// ggml-common.h, ggml-org/ggml at d99724f2. Numbers that are not here were taken back, or came later.
    /// </summary>
    private const string Table = """
        0 f32 1 4
        1 f16 1 2
        2 q4_0 32 18
        3 q4_1 32 20
        6 q5_0 32 22
        7 q5_1 32 24
        8 q8_0 32 34
        9 q8_1 32 36
        10 q2_K 256 84
        11 q3_K 256 110
        12 q4_K 256 144
        13 q5_K 256 176
        14 q6_K 256 210
        15 q8_K 256 292
        16 iq2_xxs 256 66
        17 iq2_xs 256 74
        18 iq3_xxs 256 98
        19 iq1_s 256 50
        20 iq4_nl 32 18
        21 iq3_s 256 110
        22 iq2_s 256 82
        23 iq4_xs 256 136
        24 i8 1 1
        25 i16 1 2
        26 i32 1 4
        27 i64 1 8
        28 f64 1 8
        29 iq1_m 256 56
        30 bf16 1 2
        34 tq1_0 256 54
        35 tq2_0 256 66
        39 mxfp4 32 17
        40 nvfp4 64 36
        41 q1_0 128 18
        42 q2_0 64 18
        """;

    /// <summary>Ending of our formats that follow ggml where a standard of the same name differs in rounding or layout.</summary>
    private const string GgmlEnding = "-ggml";

    private static readonly Dictionary<uint, GgmlType> ById = Table.Split('\n').Select(Read).ToDictionary(type => type.Id);

    /// <summary>All known types, by number.</summary>
    public static IEnumerable<GgmlType> All => ById.Values;

    /// <summary>The type of a number; one of unknown size if the number is not known.</summary>
    /// <param name="id">The number in the file.</param>
    public static GgmlType Of(uint id) =>
        ById.TryGetValue(id, out GgmlType? type) ? type : new(id, $"type{id.ToString(CultureInfo.InvariantCulture)}", 0, 0);

    /// <summary>The type whose bytes a format has; null if it has none's.</summary>
    /// <param name="info">The format.</param>
    public static GgmlType? Of(FormatInfo info)
    {
        if (info.RowHeaderBytes > 0 || info.TensorHeader is not null)
        {
            return null;
        }
        return All.FirstOrDefault(type =>
            type.Block == info.Block
            && type.BlockBytes == info.BlockBytes
            && (Same(type.Name, info.Name) || Same(type.Name + GgmlEnding, info.Name))
        );
    }

    /// <summary>The type that holds plain values; null if ggml has none.</summary>
    /// <param name="dtype">The type of the values.</param>
    public static GgmlType? Of(SafetensorsDtype dtype) => All.FirstOrDefault(type => type.Block == 1 && Same(type.Name, dtype.Name()));

    /// <summary>The plain values that a type holds; null if it holds blocks.</summary>
    /// <param name="type">The type.</param>
    public static SafetensorsDtype? DtypeOf(GgmlType type) =>
        type.Block == 1 && SafetensorsDtypes.TryParse(type.Name.ToUpperInvariant(), out SafetensorsDtype dtype) ? dtype : null;

    /// <summary>The format that decodes a type and packs as ggml does; null if the catalogue has none.</summary>
    /// <param name="type">The type.</param>
    /// <param name="catalog">The formats.</param>
    public static CompressedFormat? FormatOf(GgmlType type, FormatCatalog catalog) =>
        new[] { type.Name + GgmlEnding, type.Name }
            .Select(name => catalog.TryGet(name, out CompressedFormat? format) && Of(format.Info) == type ? format : null)
            .FirstOrDefault(format => format is not null);

    private static GgmlType Read(string line) =>
        line.Split(' ') is [var id, var name, var block, var bytes]
            ? new(
                uint.Parse(id, CultureInfo.InvariantCulture),
                name,
                int.Parse(block, CultureInfo.InvariantCulture),
                int.Parse(bytes, CultureInfo.InvariantCulture)
            )
            : throw new FormatException(line);

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
