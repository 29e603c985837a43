using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>How the weights become bytes: constants with which the runtime's integer kernels are compiled.</summary>
internal static class IntegerEmitter
{
    public static string Write(BlockPlan plan) => IntegerPlan.Of(plan) is { } integers ? Write(plan.Model.TypeName, integers) : "";

    public static string Write(string type, IntegerPlan integers) => $$"""
        /// <inheritdoc/>
        public static Int8Matrix? ForIntegers(ReadOnlySpan<byte> packed, int rows, int columns) => Int8Matrix.Of<{{type}}, Integers>(packed, rows, columns);

        /// <summary>{{Describe(integers)}}</summary>
        private readonly struct Integers : IInt8Recipe
        {
            public static bool Nibbles => {{Text.Bool(integers.Nibbles)}};

            public static bool HasTable => {{Text.Bool(integers.HasTable)}};

            public static ReadOnlySpan<byte> Table => [{{(integers.HasTable ? Bytes(Enumerable.Range(0, 16).Select(code => code < integers.Table.Length ? integers.Table[code] : (byte)0)) : "")}}];

            public static bool Signed => {{Text.Bool(integers.IsSigned)}};

            public static int Lowest => {{Text.Int(integers.Lowest)}};

            public static int Chain => {{Text.Int(integers.Chain)}};

            public static int SliceColumns => {{Text.Int(integers.SliceColumns)}};

            public static int SlicesPerScale => {{Text.Int(integers.SlicesPerScale)}};

            public static bool HalfScales => {{Text.Bool(integers.HalfScales)}};

            public static bool Offsets => {{Text.Bool(integers.HasOffsets)}};

            public static float Step => {{Text.Float(integers.Step)}};

            public static ReadOnlySpan<byte> Stored => [{{Bytes(integers.Stored)}}];
        }
        """;

    private static string Describe(IntegerPlan integers)
    {
        string unit = integers.Step == 1 ? "" : $"{Text.Float(integers.Step)} · ";
        string stored = integers.HasTable ? "table[nibble]" : integers.Nibbles ? "nibble" : integers.IsSigned ? "signed byte" : "byte";
        string level = integers.Lowest == 0 ? stored : $"({stored} {(integers.Lowest < 0 ? "−" : "+")} {Text.Int(Math.Abs(integers.Lowest))})";
        return $"Weight = scale · {unit}{level}{(integers.HasOffsets ? " + offset" : "")}; {Text.Int(integers.Chain)} pairs of products fit 16 bits.";
    }

    private static string Bytes(IEnumerable<byte> values)
    {
        string[] rows = Text.Rows(values.Select(value => Text.Int(value)), 16).Split('\n');
        return rows.Length == 1 ? rows[0].TrimEnd(',', ' ') : "\n        " + string.Join("\n        ", rows) + "\n    ";
    }
}
