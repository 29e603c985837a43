using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>
/// Integer dot products over repacked rows (see Int8Layout in the runtime): the layout, and per vector width the product of 16
/// rows with one and with four activation vectors. The loop over a slice is written out; sums of bytes stay in 16 bits as long
/// as they fit, then in 32, and meet float32 once a slice.
/// </summary>
internal static class IntegerEmitter
{
    public static string Write(BlockPlan plan)
    {
        if (IntegerPlan.Of(plan) is not { } integers)
        {
            return "";
        }
        var members = new List<string> { Layout(integers), Dispatch(plan) };
        if (integers.HasTable)
        {
            members.Add($$"""
                /// <summary>The byte of each code in integer dot products{{(integers.IsSigned ? ", two's complement" : $": the level as an integer, plus {Text.Int(-integers.Lowest)}")}}.</summary>
                private static ReadOnlySpan<byte> IntegerTable =>
                [
                    {{Text.Indent(Text.Rows(Enumerable.Range(0, 16).Select(code => Text.Int(code < integers.Table.Length ? integers.Table[code] : 0)), 16), 4)}}
                ];
                """);
        }
        members.AddRange(plan.Arms.Select(arm => CodeLoads.For(arm, Kernel(integers, arm, 1) + "\n\n" + Kernel(integers, arm, 4))));
        return string.Join("\n\n", members);
    }

    private static string Layout(IntegerPlan integers) => $$"""
        /// <inheritdoc/>
        public static Int8Layout? IntegerLayout { get; } = new()
        {
            Nibbles = {{(integers.Nibbles ? "true" : "false")}},
            SliceColumns = {{integers.SliceColumns}},
            SlicesPerScale = {{integers.SlicesPerScale}},
            HalfScales = {{(integers.HalfScales ? "true" : "false")}},
            Offsets = {{(integers.HasOffsets ? "true" : "false")}},
            Stored =
            [
                {{Text.Indent(Text.Rows(integers.Stored.Select(stored => Text.Int(stored)), 16), 8)}}
            ],
        };
        """;

    private static string Dispatch(BlockPlan plan)
    {
        ArmPlan last = plan.Arms[plan.Arms.Count - 1];
        string Choose(string call) => CpuEmitter.Ladder(plan, arm => call.Replace("BITS", Text.Int(arm.Bits)), $"{call.Replace("BITS", Text.Int(last.Bits))} // in software");
        return $$"""
            /// <inheritdoc/>
            public static void Int8Dot(in Int8Block block, in Int8Vector x, Span<float> sums)
            {
                {{Text.Indent(Choose("Int8DotBITS(block, x, sums);"), 4)}}
            }

            /// <inheritdoc/>
            public static void Int8DotFour(in Int8Block block, in Int8Vector x0, in Int8Vector x1, in Int8Vector x2, in Int8Vector x3, Span<float> sums)
            {
                {{Text.Indent(Choose("Int8DotFourBITS(block, x0, x1, x2, x3, sums);"), 4)}}
            }
            """;
    }

    private static string Kernel(IntegerPlan integers, ArmPlan arm, int many)
    {
        string name = many == 1 ? "Int8Dot" : "Int8DotFour";
        string[] vectors = [.. Enumerable.Range(0, many).Select(n => many == 1 ? "" : Text.Int(n))];
        string Each(Func<string, string> text) => string.Join("\n", vectors.Select(text));
        string parameters = string.Join(", ", vectors.Select(n => $"in Int8Vector x{n}"));
        string table = integers.HasTable ? "VECTOR<byte> table = LANES.ByteTable(IntegerTable);" : "";
        string scale = integers.HalfScales ? "LANES.Halves(ref scales, at)" : "VECTOR.LoadUnsafe(ref scales, (nuint)at * 4).AsSingle()";
        string at = integers.SlicesPerScale == 1 ? "s * 16 + part" : $"s / {integers.SlicesPerScale} * 16 + part";
        string group = integers.SliceColumns == IntegerPlan.ActivationGroup ? "s" : "s / 2";
        return $$"""
            /// <summary>16 rows times {{(many == 1 ? "one activation vector" : "four activation vectors: weights are spread once and used four times")}}.</summary>
            private static void {{name}}{{arm.Bits}}(in Int8Block block, {{parameters}}, Span<float> sums)
            {
                {{table}}
                ref byte codes = ref MemoryMarshal.GetReference(block.Codes);
                ref byte scales = ref MemoryMarshal.GetReference(block.Scales);
                {{(integers.HasOffsets ? "ref float offsets = ref MemoryMarshal.GetReference(block.Offsets);" : "")}}
                {{Text.Indent(Each(n => $"ref sbyte a{n} = ref MemoryMarshal.GetReference(x{n}.Codes);"), 4)}}
                {{Text.Indent(Each(n => $"ref float activationScales{n} = ref MemoryMarshal.GetReference(x{n}.Scales);"), 4)}}
                {{Text.Indent(Each(n => $"ref int totals{n} = ref MemoryMarshal.GetReference(x{n}.Sums);"), 4)}}
                for (int part = 0; part < 16; part += LANES.Count)
                {
                    {{Text.Indent(Each(n => $"VECTOR<float> sum{n} = VECTOR<float>.Zero;"), 8)}}
                    for (int s = 0; s < block.Slices; s++)
                    {
                        ref byte w = ref Unsafe.Add(ref codes, s * {{integers.SliceBytes}} + 4 * part);
                        {{Text.Indent(Each(n => $"ref sbyte q{n} = ref Unsafe.Add(ref a{n}, s * {integers.SliceColumns});"), 12)}}
                        {{Text.Indent(Quads(integers, vectors), 12)}}

                        int at = {{at}};
                        VECTOR<float> scale = {{scale}};
                        {{(integers.HasOffsets ? "VECTOR<float> offset = VECTOR.LoadUnsafe(ref offsets, (nuint)at);" : "")}}
                        {{Text.Indent(Each(n => Accumulate(integers, n, group)), 12)}}
                    }
                    {{Text.Indent(string.Join("\n", vectors.Select((n, i) => Store(integers, n, i))), 8)}}
                }
            }
            """;
    }

    /// <summary>The integer dot of one slice, four columns at a time, for every activation vector.</summary>
    private static string Quads(IntegerPlan integers, string[] vectors)
    {
        var lines = new List<string>();
        int quads = integers.SliceColumns / 4, chain = Math.Min(integers.Chain, quads);
        string multiply = integers.IsSigned ? "LANES.MultiplySignedPairs" : "LANES.MultiplyPairs";
        for (int quad = 0; quad < quads; quad++)
        {
            lines.Add(Weights(integers, quad));
            foreach (string n in vectors)
            {
                string product = $"{multiply}(w{quad}, LANES.Quad(ref q{n}, {quad}))";
                string declare = quad == 0 ? "VECTOR<short> " : "";
                lines.Add(quad % chain == 0 ? $"{declare}chain{n} = {product};" : $"chain{n} += {product};");
                if (quad % chain == chain - 1)
                {
                    lines.Add(quad < chain ? $"VECTOR<int> dot{n} = LANES.Widen(chain{n});" : $"dot{n} += LANES.Widen(chain{n});");
                }
            }
        }
        return string.Join("\n", lines);
    }

    /// <summary>The bytes of four columns of 16 rows (or of the rows that a narrower vector holds).</summary>
    private static string Weights(IntegerPlan integers, int quad)
    {
        if (!integers.Nibbles)
        {
            return $"VECTOR<byte> w{quad} = VECTOR.LoadUnsafe(ref w, {64 * quad});";
        }
        string nibbles = quad % 2 == 0
            ? $"bytes{quad / 2} & VECTOR.Create((byte)0x0F)"
            : $"(bytes{quad / 2}.AsUInt16() >>> 4).AsByte() & VECTOR.Create((byte)0x0F)";
        string value = integers.HasTable ? $"LANES.LookupBytes(table, {nibbles})" : nibbles;
        string load = quad % 2 == 0 ? $"VECTOR<byte> bytes{quad / 2} = VECTOR.LoadUnsafe(ref w, {32 * quad});\n" : "";
        return $"{load}VECTOR<byte> w{quad} = {value};";
    }

    private static string Accumulate(IntegerPlan integers, string n, string group)
    {
        string dot = integers.Lowest == 0 ? $"dot{n}" : $"dot{n} + VECTOR.Create({Text.Int(integers.Lowest)} * Unsafe.Add(ref totals{n}, s))";
        string line = $"sum{n} = VECTOR.MultiplyAddEstimate(VECTOR.ConvertToSingle({dot}), scale * VECTOR.Create(Unsafe.Add(ref activationScales{n}, {group})), sum{n});";
        // an offset meets the sum of the activations; the step is taken out here as it is multiplied at the end
        return !integers.HasOffsets ? line : line
            + $"\nsum{n} = VECTOR.MultiplyAddEstimate(offset, VECTOR.Create(Unsafe.Add(ref activationScales{n}, {group}) * Unsafe.Add(ref totals{n}, s) * {Text.Float(1 / integers.Step)}), sum{n});";
    }

    private static string Store(IntegerPlan integers, string n, int index)
    {
        string value = integers.Step == 1 ? $"sum{n}" : $"(sum{n} * VECTOR.Create({Text.Float(integers.Step)}))";
        string at = index == 0 ? "(nuint)part" : $"(nuint)(part + {16 * index})";
        return $"{value}.StoreUnsafe(ref MemoryMarshal.GetReference(sums), {at});";
    }
}
