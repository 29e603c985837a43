using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>How the weights become bytes: constants with which the runtime's integer kernels are compiled.</summary>
internal static class IntegerEmitter
{
    public static string Write(BlockPlan plan) =>
        IntegerPlan.Of(plan) is { } integers ? Write(plan.Model.TypeName, integers)
        : Plain(plan) is { } type
            ? $$"""
                /// <inheritdoc/>
                public static ProductMatrix AsPacked(ReadOnlyMemory<byte> packed, int rows, int columns)
                    => PackedMatrix.Of<{{plan.Model.TypeName}}>(packed, rows, columns, PlainFloat.{{type}});
                """
        : "";

    /// <summary>The usual type that the elements of a format have which has nothing else.</summary>
    private static string? Plain(BlockPlan plan) =>
        plan.Source != ScaleSource.None
        || plan.RowHeaderBytes > 0
        || plan.BlockBytes * 8 != plan.Block * plan.Element.Bits
        || plan.Planes.Count != 1
            ? null
            : plan.Element switch
            {
                FloatElementModel { Exponent: 8, Mantissa: 23 } => "Float32",
                FloatElementModel { Exponent: 8, Mantissa: 7 } => "BFloat16",
                FloatElementModel { Exponent: 5, Mantissa: 10, Specials: FloatSpecials.Ieee, Bias: 15 } => "Float16",
                _ => null,
            };

    public static string Write(string type, IntegerPlan integers) =>
        $$"""
            /// <inheritdoc/>
            public static ProductMatrix? Repack(ReadOnlySpan<byte> packed, int rows, int columns)
                => RepackedMatrix.Of<{{type}}, Integers>(packed, rows, columns);

            /// <summary>{{Describe(integers)}}</summary>
            private readonly struct Integers : IInt8Recipe
            {
                public static bool Nibbles => {{Text.Bool(integers.Nibbles)}};

                public static bool HasIntegers => {{Text.Bool(integers.HasIntegers)}};

                public static ReadOnlySpan<float> Levels => [{{Block(integers.Levels.Select(Text.Float), 8)}}];

                public static bool HasTable => {{Text.Bool(integers.HasTable)}};

                public static ReadOnlySpan<byte> Table => [{{(
                integers.HasTable
                    ? Bytes(Enumerable.Range(0, 16).Select(code => code < integers.Table.Length ? integers.Table[code] : (byte)0))
                    : ""
            )}}];

                public static bool Signed => {{Text.Bool(integers.IsSigned)}};

                public static int Lowest => {{Text.Int(integers.Lowest)}};

                public static int Chain => {{Text.Int(integers.Chain)}};

                public static int SliceColumns => {{Text.Int(integers.SliceColumns)}};

                public static int SlicesPerScale => {{Text.Int(integers.SlicesPerScale)}};

                public static bool HalfScales => {{Text.Bool(integers.HalfScales)}};

                public static bool Offsets => {{Text.Bool(integers.HasOffsets)}};

                public static float Step => {{Text.Float(integers.Step)}};

                public static ReadOnlySpan<byte> Stored => [{{Bytes(integers.Stored)}}];
                {{(integers.Shift != 0 ? $"\npublic static float Shift => {Text.Float(integers.Shift)};" : "")}}
                {{(integers.SmallFloat is { } e ? $"\npublic static int Exponent => {Text.Int(e.Exponent)};" : "")}}
                {{(integers.SmallFloat is { } b ? $"\npublic static int Bias => {Text.Int(b.Bias)};" : "")}}
                {{(integers.Stages > 1 ? $"\npublic static int Stages => {Text.Int(integers.Stages)};" : "")}}
                {{(integers.HasExceptions ? "\npublic static bool HasExceptions => true;" : "")}}
            }
            """;

    private static string Describe(IntegerPlan integers)
    {
        if (!integers.HasIntegers)
        {
            string level =
                integers.SmallFloat is { } small ? $"E{small.Exponent}M{7 - small.Exponent}[byte]"
                : integers.Nibbles ? "level[nibble]"
                : "(signed byte + ½)";
            return $"Weight = scale · {level}{(integers.HasOffsets ? " + offset" : "")}; products in float32 only.";
        }
        string unit = integers.Step == 1 ? "" : $"{Text.Float(integers.Step)} · ";
        string stored =
            integers.HasTable ? "table[nibble]"
            : integers.Nibbles ? "nibble"
            : integers.IsSigned ? "signed byte"
            : "byte";
        string integer =
            integers.Lowest == 0 ? stored : $"({stored} {(integers.Lowest < 0 ? "−" : "+")} {Text.Int(Math.Abs(integers.Lowest))})";
        string weight = $"Weight = scale · {unit}{integer}{(integers.HasOffsets ? " + offset" : "")}";
        return $"{weight}; {Text.Int(integers.Chain)} pairs of products fit 16 bits.";
    }

    private static string Bytes(IEnumerable<byte> values) => Block(values.Select(value => Text.Int(value)), 16);

    /// <summary>Literals within brackets: on the same line if one line holds them.</summary>
    private static string Block(IEnumerable<string> literals, int perRow)
    {
        string[] rows = Text.Rows(literals, perRow).Split('\n');
        return rows.Length == 1 ? rows[0].TrimEnd(',', ' ') : "\n        " + string.Join("\n        ", rows) + "\n    ";
    }
}
