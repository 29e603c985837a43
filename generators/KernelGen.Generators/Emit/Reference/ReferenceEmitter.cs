using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Reference;

/// <summary>The scalar encoder and decoder: one element at a time, written to be read. Every other kernel is tested against them.</summary>
internal static class ReferenceEmitter
{
    public static string Write(BlockPlan plan)
    {
        var members = new List<string> { Level(plan), Code(plan) };
        if (plan.Source == ScaleSource.Group)
        {
            members.Add(
                $$"""
                /// <summary>The scale of one group, searched (where the rule searches) with the reference coder.</summary>
                private static GroupScale ReferenceChooseScale(ReadOnlySpan<float> group, {{(
                    plan.Searches ? "ReadOnlySpan<float> importance, " : ""
                )}}float tensorScale, int row, int column)
                {
                    {{Text.Indent(ScaleText.Choose(plan, "ReferenceError"), 4)}}
                }
                """
            );
            if (plan.Model.Scale!.Rule == ScaleRule.MinimiseError)
            {
                members.Add(Error(plan));
            }
        }
        else if (plan.Source == ScaleSource.None && !plan.HoldsNonFinite)
        {
            members.Add(
                """
                /// <summary>Refuses values that the format cannot hold.</summary>
                private static void RequireFinite(ReadOnlySpan<float> group, int row, int column)
                {
                    if (GroupMath.MagnitudeBits(group) >= GroupMath.NonFinite)
                    {
                        MatrixDriver.ThrowNonFinite(FormatName, group, row, column);
                    }
                }
                """
            );
        }
        if (plan.Source == ScaleSource.Row)
        {
            members.Add(
                $$"""
                /// <summary>The scale of a row, as stored.</summary>
                private static float RowScale(ReadOnlySpan<float> values, int row)
                {
                    TensorStatistics statistics = TensorStatistics.Measure(values);
                    if (!float.IsFinite(statistics.AbsMax))
                    {
                        MatrixDriver.ThrowNonFinite(FormatName, values, row, 0);
                    }
                    {{Text.Indent(ScaleText.ChooseWhole(plan), 4)}}
                }
                """
            );
        }
        members.Add(PackBlock(plan));
        members.Add(UnpackBlock(plan));
        members.Add(Rows(plan));
        if (IntegerPlan.Of(plan) is not null)
        {
            members.Add(ReadGroup(plan));
        }
        return string.Join("\n\n", members);
    }

    /// <summary>Name of the scale that a row or the tensor hands down to blocks, or empty.</summary>
    private static bool ScaleComesFromOutside(BlockPlan plan) => plan.Source is ScaleSource.Row or ScaleSource.Tensor;

    private static string Level(BlockPlan plan)
    {
        string body = plan.Element switch
        {
            FloatElementModel { Exponent: 5, Mantissa: 10 } => "=> ScaleCodec.FromHalf((ushort)code);",
            FloatElementModel { Exponent: 8, Mantissa: 7 } => "=> ScaleCodec.FromBFloat16((ushort)code);",
            FloatElementModel { Exponent: 8, Mantissa: 23 } => "=> BitConverter.Int32BitsToSingle(code);",
            _ => "=> ReferenceLevels[code];",
        };
        string table =
            plan.Levels.Length == 0
                ? ""
                : $$"""
                    /// <summary>The level of each code, before scaling.</summary>
                    private static ReadOnlySpan<float> ReferenceLevels =>
                    [
                        {{Text.Indent(Text.Rows(plan.LevelOfEveryCode.Select(Text.Float)), 4)}}
                    ];


                    """;
        return table + $"/// <summary>Code to level.</summary>\nprivate static float ReferenceLevel(int code) {body}";
    }

    private static string Code(BlockPlan plan) =>
        $$"""
            /// <summary>Level to the nearest code.</summary>
            private static int ReferenceCode(float level)
            {
                {{Text.Indent(CodeBody(plan), 4)}}
            }
            """;

    private static string CodeBody(BlockPlan plan) =>
        plan.Element switch
        {
            IntElementModel element => IntBody(element),
            CodebookElementModel => $"return NearestLevel.Index(ReferenceLevels[..{plan.Levels.Length}], level);",
            FloatElementModel { Exponent: 5, Mantissa: 10 } => "return MiniFloat.ToHalf(level);",
            FloatElementModel { Exponent: 8, Mantissa: 7 } => "return MiniFloat.ToBFloat16(level);",
            FloatElementModel { Exponent: 8, Mantissa: 23 } => "return BitConverter.SingleToInt32Bits(level);",
            FloatElementModel e => $"return MiniFloat.Encode(level, exponent: {e.Exponent}, mantissa: {e.Mantissa}, bias: {e.Bias}, "
                + $"largest: {LevelTable.LargestCode(e)}, TieRule.{e.Ties}, negativeZero: {Text.Bool(e.NegativeZero)}{(plan.HoldsNonFinite ? ", ieee: true" : "")});",
            _ => throw new InvalidOperationException(),
        };

    private static string IntBody(IntElementModel element)
    {
        string scaled = element.FractionBits == 0 ? "level" : $"level * {Text.Float(Math.Pow(2, element.FractionBits))}";
        string rounded = element switch
        {
            { Levels: IntLevels.Midrise } => $"MathF.Floor({scaled})",
            { Ties: TieRule.Up } => $"MathF.Truncate({scaled} + {Text.Float(element.Zero + 0.5)}) - {Text.Float(element.Zero)}",
            { Ties: TieRule.AwayFromZero } => $"MathF.Round({scaled}, MidpointRounding.AwayFromZero)",
            { Ties: TieRule.TowardZero } => $"MathF.CopySign(MathF.Ceiling(MathF.Abs({scaled}) - 0.5f), {scaled})",
            _ => $"MathF.Round({scaled})",
        };
        string code =
            element.Code == IntCode.TwosComplement ? $"integer & {(1 << element.Bits) - 1}"
            : element.Zero == 0 ? "integer"
            : $"integer + {element.Zero}";
        return $"""
            int integer = (int)Math.Clamp({rounded}, {Text.Float(element.Lowest)}, {Text.Float(element.Highest)});
            return {code};
            """;
    }

    private static string Error(BlockPlan plan)
    {
        string offset = plan.Offset is null ? "" : " - scale.CodeOffset";
        string plus = plan.Offset is null ? "" : " + scale.Offset";
        string level = plan.Offset is null ? "group[i] * scale.Inverse" : $"(group[i]{offset}) * scale.Inverse";
        return $$"""
            /// <summary>Squared error of a group under a scale, summed in 16 lanes as every vector width does.</summary>
            private static float ReferenceError(ReadOnlySpan<float> group, ReadOnlySpan<float> importance, GroupScale scale)
            {
                Span<float> lanes = stackalloc float[16];
                lanes.Clear();
                for (int i = 0; i < group.Length; i++)
                {
                    float product = ReferenceLevel(ReferenceCode({{level}})) * scale.Scale;
                    float difference = group[i] - (product{{plus}});
                    float square = difference * difference;
                    lanes[i % 16] += importance.IsEmpty ? square : square * importance[i];
                }
                return GroupMath.LaneSum(lanes);
            }
            """;
    }

    private static string PackBlock(BlockPlan plan)
    {
        string outside =
            ScaleComesFromOutside(plan) ? ", float scale"
            : plan.Source == ScaleSource.Group ? ", float tensorScale"
            : "";
        string weights = plan.Searches ? "ColumnImportance.Of(importance, first, group.Length, buffer), " : "";
        string choose = plan.Source switch
        {
            ScaleSource.Group => $"""
                GroupScale scale = group.IsEmpty ? default : ReferenceChooseScale(group, {weights}tensorScale, row, column + g * Group);
                ScaleCodec.Write(ScaleType.{plan.Scale!.Type}, scale.Stored, block[(ScaleOffset + g * {plan.Scale.Bytes})..]);
                """
                + (
                    plan.Offset is null
                        ? ""
                        : $"\nScaleCodec.Write(ScaleType.{plan.Offset.Type}, scale.Offset, block[(OffsetOffset + g * {plan.Offset.Bytes})..]);"
                ),
            ScaleSource.None => plan.HoldsNonFinite ? "" : "RequireFinite(group, row, column);",
            _ => "float inverse = ScaleCodec.Reciprocal(scale);",
        };
        string scaled = plan.Source switch
        {
            ScaleSource.Group => plan.Offset is null ? "group[i] * scale.Inverse" : "(group[i] - scale.CodeOffset) * scale.Inverse",
            ScaleSource.None => "group[i]",
            _ => "group[i] * inverse",
        };
        string write = plan.Planes[0].Bits switch
        {
            8 => "block[BytesOffset + g * BytesBytes + i] = (byte)code;",
            16 => "MemoryMarshal.Write(block[(BytesOffset + 2 * i)..], (ushort)code);",
            32 => "MemoryMarshal.Write(block[(BytesOffset + 4 * i)..], code);",
            _ => string.Join(
                "\n",
                plan.Planes.Select(plane =>
                    $"BitPlanes.Set(block.Slice({plane.Field}Offset + g * {plane.Field}Bytes, {plane.Field}Bytes), i, {plane.Bits}, CodeOrder.{plane.Order}, code{(plane.Shift > 0 ? $" >> {plane.Shift}" : "")});"
                )
            ),
        };
        return $$"""
            /// <summary>Encodes one block; values that are missing at the end of a row are coded as zero and count in no scale.</summary>
            private static void ReferencePackBlock(ReadOnlySpan<float> values{{(
                plan.Searches ? ", ReadOnlySpan<float> importance" : ""
            )}}{{outside}}, int row, int column, Span<byte> block)
            {
                block.Clear();{{(plan.Searches ? "\n    Span<float> buffer = stackalloc float[Group];" : "")}}
                for (int g = 0; g < Groups; g++)
                {
                    int first = Math.Min(g * Group, values.Length);
                    ReadOnlySpan<float> group = values.Slice(first, Math.Min(Group, values.Length - first));
                    {{Text.Indent(choose, 8)}}
                    for (int i = 0; i < Group; i++)
                    {
                        float level = i < group.Length ? {{scaled}} : 0f;
                        int code = ReferenceCode(level);
                        {{Text.Indent(write, 12)}}
                    }
                }
            }
            """;
    }

    /// <summary>Text of the code of element <c>i</c> of group <c>g</c>.</summary>
    private static string ReadCode(BlockPlan plan) =>
        plan.Planes[0].Bits switch
        {
            8 => "block[BytesOffset + g * BytesBytes + i]",
            16 => "MemoryMarshal.Read<ushort>(block[(BytesOffset + 2 * i)..])",
            32 => "MemoryMarshal.Read<int>(block[(BytesOffset + 4 * i)..])",
            _ => string.Join(
                "\n    | ",
                plan.Planes.Select(plane =>
                    $"BitPlanes.Get(block.Slice({plane.Field}Offset + g * {plane.Field}Bytes, {plane.Field}Bytes), i, {plane.Bits}, CodeOrder.{plane.Order}){(plane.Shift > 0 ? $" << {plane.Shift}" : "")}"
                )
            ),
        };

    /// <summary>Text of the stored scale of group <c>g</c>, and of its offset.</summary>
    private static (string Scale, string Offset) ReadScales(BlockPlan plan) =>
        (
            $"ScaleCodec.Read(ScaleType.{plan.Scale!.Type}, block[(ScaleOffset + g * {plan.Scale.Bytes})..]){(plan.Model.HasTensorScale ? " * tensorScale" : "")}",
            plan.Offset is null ? "0f" : $"ScaleCodec.Read(ScaleType.{plan.Offset.Type}, block[(OffsetOffset + g * {plan.Offset.Bytes})..])"
        );

    private static string ReadGroup(BlockPlan plan)
    {
        (string scale, string offset) = plan.Source switch
        {
            ScaleSource.Group => ReadScales(plan),
            ScaleSource.Row => ($"ScaleCodec.Read(ScaleType.{plan.Model.Scale!.Type}, packedRow)", "0f"),
            ScaleSource.Tensor => ("tensorScale", "0f"),
            _ => ("1f", "0f"),
        };
        return $$"""
            /// <inheritdoc/>
            public static void ReadGroup(ReadOnlySpan<byte> packedRow, int group, float tensorScale, Span<byte> codes, out float scale, out float offset)
            {
                ReadOnlySpan<byte> block = packedRow.Slice(RowHeaderBytes + group / Groups * BlockBytes, BlockBytes);
                int g = group % Groups;
                scale = {{scale}};
                offset = {{offset}};
                {{Text.Indent(ReadCodes(plan), 4)}}
                {{Text.Indent(Specials(plan), 4)}}
            }
            """;
    }

    /// <summary>A group with a weight that is not finite has no scale that repacked rows could have.</summary>
    private static string Specials(BlockPlan plan)
    {
        int[] special =
        [
            .. plan.LevelOfEveryCode.Select((level, code) => IntegerPlan.IsSpecial(level) ? code : -1).Where(code => code >= 0),
        ];
        return special.Length == 0
            ? ""
            : $$"""
                if (codes[..Group].IndexOfAny([{{string.Join(", ", special.Select(code => $"(byte){code}"))}}]) >= 0)
                {
                    scale = float.NaN;
                }
                """;
    }

    private static string ReadCodes(BlockPlan plan) =>
        plan.Element.Bits == 8
            ? "block.Slice(BytesOffset + g * BytesBytes, Group).CopyTo(codes);"
            : "codes = codes[..Group];\ncodes.Clear();\n"
                + string.Join(
                    "\n",
                    plan.Planes.Select(plane =>
                        $"BitPlanes.Read(block.Slice({plane.Field}Offset + g * {plane.Field}Bytes, {plane.Field}Bytes), {plane.Shift}, {plane.Bits}, CodeOrder.{plane.Order}, codes);"
                    )
                );

    private static string UnpackBlock(BlockPlan plan)
    {
        string outside =
            ScaleComesFromOutside(plan) ? ", float scale"
            : plan.Source == ScaleSource.Group ? ", float tensorScale"
            : "";
        string read = ReadCode(plan);
        string scales =
            plan.Source != ScaleSource.Group
                ? ""
                : $"float scale = {ReadScales(plan).Scale};" + (plan.Offset is null ? "" : $"\nfloat offset = {ReadScales(plan).Offset};");
        string value =
            plan.Source == ScaleSource.None ? "ReferenceLevel(code)"
            : plan.Offset is null ? "ReferenceLevel(code) * scale"
            : "ReferenceLevel(code) * scale + offset";
        return $$"""
            /// <summary>Decodes the first elements of one block.</summary>
            private static void ReferenceUnpackBlock(ReadOnlySpan<byte> block{{outside}}, Span<float> values)
            {
                for (int g = 0; g * Group < values.Length; g++)
                {
                    {{Text.Indent(scales, 8)}}
                    for (int i = 0; i < Math.Min(Group, values.Length - g * Group); i++)
                    {
                        int code = {{Text.Indent(read, 12)}};
                        values[g * Group + i] = {{value}};
                    }
                }
            }
            """;
    }

    private static string Rows(BlockPlan plan)
    {
        string argument = plan.Source switch
        {
            ScaleSource.Group => ", tensorScale",
            ScaleSource.None => "",
            ScaleSource.Row => ", scale",
            _ => ", tensorScale",
        };
        string writeHeader =
            plan.Source != ScaleSource.Row
                ? ""
                : $"""
                    float scale = RowScale(weights, 0);
                    ScaleCodec.Write(ScaleType.{plan.Model.Scale!.Type}, scale, packedRow);
                    """;
        string readHeader =
            plan.Source != ScaleSource.Row ? "" : $"float scale = ScaleCodec.Read(ScaleType.{plan.Model.Scale!.Type}, packedRow);";
        return $$"""
            /// <inheritdoc/>
            public static void ReferencePackRow(ReadOnlySpan<float> weights, float tensorScale, Span<byte> packedRow)
            {
                {{Text.Indent(writeHeader, 4)}}
                for (int column = 0; column < weights.Length; column += Block)
                {
                    ReadOnlySpan<float> values = weights.Slice(column, Math.Min(Block, weights.Length - column));
                    ReferencePackBlock(values{{(
                plan.Searches ? ", default" : ""
            )}}{{argument}}, 0, column, packedRow.Slice(RowHeaderBytes + column / Block * BlockBytes, BlockBytes));
                }
            }

            /// <inheritdoc/>
            public static void ReferenceUnpackRow(ReadOnlySpan<byte> packedRow, float tensorScale, Span<float> weights)
            {
                {{Text.Indent(readHeader, 4)}}
                for (int column = 0; column < weights.Length; column += Block)
                {
                    Span<float> values = weights.Slice(column, Math.Min(Block, weights.Length - column));
                    ReferenceUnpackBlock(packedRow.Slice(RowHeaderBytes + column / Block * BlockBytes, BlockBytes){{argument}}, values);
                }
            }
            """;
    }
}
