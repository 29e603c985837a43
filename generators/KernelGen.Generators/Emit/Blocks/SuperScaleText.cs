using KernelGen.Generators.Emit.Cpu;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>The coders of a super-block: the search of the runtime fills it, a loop per vector width reads it.</summary>
internal static class SuperScaleText
{
    public static string Write(SuperScalePlan plan)
    {
        var members = new List<string> { Constants(plan), Encoders(plan), Scales(plan), Decoders(plan), Tables.Write(plan.Elements) };
        members.AddRange(plan.Arms.Select(arm => CodeLoads.For(arm, SuperScaleArms.Write(plan, arm))));
        return string.Join("\n\n", members.Where(member => member.Length > 0));
    }

    private static string Constants(SuperScalePlan plan) =>
        $$"""
            private const int Group = {{plan.Group}};
            private const int Groups = {{plan.Super.Groups}};
            {{string.Join("\n", plan.Offsets.Select(field => $"private const int {field.Field}Offset = {field.Offset};"))}}
            private const int ScaleBytes = {{plan.SubScaleBytes}};

            /// <summary>What the search for scales has to know.</summary>
            private static readonly SuperScaleSearch Search = new(new SuperScaleSpec
            {
                Group = Group,
                Groups = Groups,
                Scale = ScaleType.{{plan.Model.Scale!.Type}},
                HasOffset = {{Text.Bool(plan.HasOffset)}},
                Super = ScaleType.{{plan.Super.Type}},
                MinimiseError = {{Text.Bool(plan.Model.Scale.Rule == ScaleRule.MinimiseError)}},
                Levels =
                [
                    {{Text.Indent(Text.Rows(plan.Elements.WrittenLevels.Select(Text.Float)), 8)}}
                ],
            });
            """;

    private static string Encoders(SuperScalePlan plan)
    {
        string width = Text.Int(ScaleBytesOf(plan.Super.Type));
        string offset = plan.HasOffset
            ? $"\nScaleCodec.Write(ScaleType.{plan.Super.Type}, found.SuperOffset, block.Slice(SuperOffsetOffset, {width}));"
            : "";
        return $$"""
            /// <inheritdoc/>
            public static void EncodeBlock(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
                => EncodeBlock(values, default, row, column, block);

            /// <inheritdoc/>
            public static void EncodeBlock(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block)
            {
                Span<int> scales = stackalloc int[{{Entries(plan)}}];
                Span<byte> codes = stackalloc byte[Block];
                if (GroupMath.MagnitudeBits(values) >= GroupMath.NonFinite)
                {
                    MatrixDriver.ThrowNonFinite(FormatName, values, row, column);
                }
                Store(Search.Find(values, scales, codes, importance), scales, codes, block);
            }

            /// <inheritdoc/>
            public static void ReferenceEncodeBlock(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
            {
                Span<int> scales = stackalloc int[{{Entries(plan)}}];
                Span<byte> codes = stackalloc byte[Block];
                if (GroupMath.MagnitudeBits(values) >= GroupMath.NonFinite)
                {
                    MatrixDriver.ThrowNonFinite(FormatName, values, row, column);
                }
                Store(Search.FindReference(values, scales, codes), scales, codes, block);
            }

            private static void Store(SuperScales found, ReadOnlySpan<int> scales, ReadOnlySpan<byte> codes, Span<byte> block)
            {
                block[..BlockBytes].Clear();
                ScaleCodec.Write(ScaleType.{{plan.Super.Type}}, found.SuperScale, block.Slice(SuperScaleOffset, {{width}}));{{Text.Indent(
                offset,
                4
            )}}
                SubScales.Pack(ScaleType.{{plan.Model.Scale!.Type}}, SubScaleOrder.{{plan.Super.Order}}, scales, block.Slice(ScaleOffset, ScaleBytes));
                {{Text.Indent(
                string.Join("\n", plan.Planes.Select(plane => $"SpanPlanes.Write(codes, {Where(plane)}, block[{plane.Field}Offset..]);")),
                4
            )}}
            }
            """;
    }

    private static string Scales(SuperScalePlan plan)
    {
        string width = Text.Int(ScaleBytesOf(plan.Super.Type));
        string second = !plan.HasOffset
            ? ""
            : $$"""

                float superOffset = ScaleCodec.Read(ScaleType.{{plan.Super.Type}}, block.Slice(SuperOffsetOffset, {{width}}));
                for (int g = 0; g < Groups; g++)
                {
                    scales[Groups + g] = superOffset * entries[Groups + g];
                }
                """;
        return $$"""
            /// <summary>The scales of all groups{{(plan.HasOffset ? ", then their offsets" : "")}}.</summary>
            private static void ReadScales(ReadOnlySpan<byte> block, Span<float> scales)
            {
                Span<int> entries = stackalloc int[{{Entries(plan)}}];
                SubScales.Unpack(ScaleType.{{plan.Model.Scale!.Type}}, SubScaleOrder.{{plan.Super.Order}}, block.Slice(ScaleOffset, ScaleBytes), entries);
                float superScale = ScaleCodec.Read(ScaleType.{{plan.Super.Type}}, block.Slice(SuperScaleOffset, {{width}}));
                for (int g = 0; g < Groups; g++)
                {
                    scales[g] = superScale * entries[g];
                }{{Text.Indent(second, 4)}}
            }
            """;
    }

    private static string Decoders(SuperScalePlan plan)
    {
        string offset = plan.HasOffset ? " - scales[Groups + i / Group]" : "";
        string rungs = string.Join(
            "\n",
            plan.Arms.Select(
                (arm, i) =>
                    $$"""
                        {{(i == 0 ? "if" : "else if")}} (Vector{{arm.Bits}}.IsHardwareAccelerated)
                        {
                            Decode{{arm.Bits}}(ref MemoryMarshal.GetReference(block), ref MemoryMarshal.GetReference(scales), ref MemoryMarshal.GetReference(values));
                        }
                        """
            )
        );
        string body =
            plan.Arms.Count == 0
                ? "ReferenceDecodeBlock(block, values);"
                : $$"""
                    block = block[..BlockBytes];
                    values = values[..Block];
                    Span<float> scales = stackalloc float[{{Entries(plan)}}];
                    ReadScales(block, scales);
                    {{rungs}}
                    else
                    {
                        ReferenceDecodeBlock(block, values);
                    }
                    """;
        return $$"""
            /// <inheritdoc/>
            public static void DecodeBlock(ReadOnlySpan<byte> block, Span<float> values)
            {
                {{Text.Indent(body, 4)}}
            }

            /// <inheritdoc/>
            public static void ReferenceDecodeBlock(ReadOnlySpan<byte> block, Span<float> values)
            {
                Span<float> scales = stackalloc float[{{Entries(plan)}}];
                Span<byte> codes = stackalloc byte[Block];
                ReadScales(block, scales);
                codes.Clear();
                {{Text.Indent(ReadCodes(plan, "codes"), 4)}}
                ReadOnlySpan<float> levels =
                [
                    {{Text.Indent(Text.Rows(plan.Elements.LevelOfEveryCode.Select(Text.Float)), 8)}}
                ];
                for (int i = 0; i < Block; i++)
                {
                    values[i] = levels[codes[i]] * scales[i / Group]{{offset}};
                }
            }
            """;
    }

    /// <summary>Groups' codes, scales and offsets: a block at a time, since its scales are read together.</summary>
    public static string ReadGroups(SuperScalePlan plan) =>
        $$"""
            /// <inheritdoc/>
            public static void ReadGroups(ReadOnlySpan<byte> packedRow, int firstGroup, float tensorScale, Span<byte> codes, Span<float> scales, Span<float> offsets)
            {
                Span<float> all = stackalloc float[{{Entries(plan)}}];
                for (int g = 0; g < scales.Length; g += Groups)
                {
                    ReadOnlySpan<byte> block = packedRow.Slice((firstGroup + g) / Groups * BlockBytes, BlockBytes);
                    Span<byte> target = codes.Slice(g * Group, Block);
                    ReadScales(block, all);
                    target.Clear();
                    {{Text.Indent(string.Join("\n", plan.Planes.Select(ReadFast)), 8)}}
                    all[..Groups].CopyTo(scales[g..]);
                    for (int i = 0; i < Groups; i++)
                    {
                        offsets[g + i] = {{(plan.HasOffset ? "-all[Groups + i]" : "0f")}};
                    }
                }
            }
            """;

    private static string ReadFast(SpanPlane plane)
    {
        if (plane.Bits == 8)
        {
            return $"block.Slice({plane.Field}Offset, Block).CopyTo(target);";
        }
        string Read(string at, string to) =>
            $"BitPlanes.Read(block.Slice({at}, {Text.Int(plane.Stride)}), {plane.Shift}, {plane.Bits}, CodeOrder.{plane.Order}, {to});";
        return $$"""
            for (int s = 0; s < Block / {{Text.Int(plane.Span)}}; s++)
            {
                {{Read(
                $"{plane.Field}Offset + s * {Text.Int(plane.Stride)}",
                $"target.Slice(s * {Text.Int(plane.Span)}, {Text.Int(plane.Span)})"
            )}}
            }
            """;
    }

    private static string ReadCodes(SuperScalePlan plan, string target) =>
        string.Join("\n", plan.Planes.Select(plane => $"SpanPlanes.Read(block[{plane.Field}Offset..], {Where(plane)}, {target});"));

    private static string Where(SpanPlane plane) => $"{plane.Bits}, {plane.Shift}, CodeOrder.{plane.Order}, {plane.Span}";

    private static string Entries(SuperScalePlan plan) => plan.HasOffset ? "2 * Groups" : "Groups";

    private static int ScaleBytesOf(ScaleType type) => new ScalePlan(type, 0).Bytes;
}
