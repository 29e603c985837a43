using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>Loops over rows for kernels that choose codes: pack and round trip; the scale of a group.</summary>
internal static class PackLoops
{
    public static string Write(BlockPlan plan)
    {
        string groupScale = GroupScale(plan, "default, ");
        string outsideScale = OutsideScale(plan);
        string pass = plan.Source == ScaleSource.None ? "" : ", scale";
        string reference = plan.Source switch
        {
            ScaleSource.None => "",
            ScaleSource.Row => ", rowScale",
            _ => ", tensorScale",
        };
        string without = plan.Searches ? ", default" : "";
        string pack = TilePacking.Fits(plan)
            ? TilePacking.Write(plan)
            : $$"""
                {{PackHeader(plan)}}
                {
                    int rowBytes = MatrixDriver.CheckRows(Info, packed, rows, columns, weights);
                    int whole = columns / Block * Block;
                    {{(plan.Element.Bits < 8 ? "Span<byte> codes = stackalloc byte[Group];" : "")}}{{(
                    plan.Searches ? "\n    Span<float> buffer = stackalloc float[Group];" : ""
                )}}
                    for (int r = 0; r < rows; r++)
                    {
                        ReadOnlySpan<float> values = weights.Slice(r * columns, columns);
                        Span<byte> row = packed.Slice(r * rowBytes, rowBytes);
                        {{Text.Indent(outsideScale, 8)}}
                        {{(plan.Source == ScaleSource.Row ? $"ScaleCodec.Write(ScaleType.{plan.Model.Scale!.Type}, rowScale, row);" : "")}}
                        for (int column = 0; column < whole; column += Block)
                        {
                            Span<byte> block = row.Slice(RowHeaderBytes + column / Block * BlockBytes, BlockBytes);
                            for (int g = 0; g < Groups; g++)
                            {
                                ReadOnlySpan<float> group = values.Slice(column + g * Group, Group);
                                {{Text.Indent(
                    GroupScale(plan, "ColumnImportance.Of(importance, column + g * Group, Group, buffer), "),
                    16
                )}}
                                {{Text.Indent(StoreGroup(plan, pass), 16)}}
                            }
                        }
                        if (whole < columns)
                        {
                            ReferencePackBlock(values[whole..]{{(
                    plan.Searches ? ", importance.IsEmpty ? default : importance[whole..]" : ""
                )}}{{reference}}, r, whole, row[^BlockBytes..]);
                        }
                    }
                }

                {{Encode(plan, pass)}}
                """;
        return $$"""
            {{ChooseScale(plan)}}{{pack}}

            /// <inheritdoc/>
            public static void RoundTripRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<float> result)
            {
                MatrixDriver.CheckRows(Info, weights, rows, columns, result);
                int whole = columns / Block * Block;
                Span<byte> last = stackalloc byte[BlockBytes];
                for (int r = 0; r < rows; r++)
                {
                    ReadOnlySpan<float> values = weights.Slice(r * columns, columns);
                    Span<float> target = result.Slice(r * columns, columns);
                    {{Text.Indent(outsideScale, 8)}}
                    for (int column = 0; column < whole; column += Group)
                    {
                        ReadOnlySpan<float> group = values.Slice(column, Group);
                        {{Text.Indent(groupScale.Replace(" + g * Group", ""), 12)}}
                        {{Text.Indent(CpuEmitter.Ladder(plan,
                            arm => $"RoundTrip{arm.Bits}(ref MemoryMarshal.GetReference(group){pass}, ref MemoryMarshal.GetReference(target[column..]));",
                            ScalarRoundTrip(plan)), 12)}}
                    }
                    if (whole < columns)
                    {
                        ReferencePackBlock(values[whole..]{{without}}{{reference}}, r, whole, last);
                        ReferenceUnpackBlock(last{{reference}}, target[whole..]);
                    }
                }
            }
            """;
    }

    /// <summary>What a row or tensor scale is to the coders; declared once per row.</summary>
    public static string OutsideScale(BlockPlan plan) =>
        plan.Source switch
        {
            ScaleSource.Row => """
                float rowScale = RowScale(values, r);
                var scale = new GroupScale(rowScale, rowScale, 0f, ScaleCodec.Reciprocal(rowScale), 0f);
                """,
            ScaleSource.Tensor => "var scale = new GroupScale(tensorScale, tensorScale, 0f, ScaleCodec.Reciprocal(tensorScale), 0f);",
            _ => "",
        };

    /// <summary>The scale of the group at hand, or the check that stands in its place.</summary>
    private static string GroupScale(BlockPlan plan, string importance) =>
        plan.Source switch
        {
            ScaleSource.Group =>
                $"GroupScale scale = ChooseScale(group, {(plan.Searches ? importance : "")}tensorScale, r, column + g * Group);",
            ScaleSource.None when !plan.HoldsNonFinite => "RequireFinite(group, r, column + g * Group);",
            _ => "",
        };

    /// <summary>The signature of packing; where scales are searched, packing without importance is packing with none.</summary>
    private static string PackHeader(BlockPlan plan) =>
        !plan.Searches
            ? """
                /// <inheritdoc/>
                public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<byte> packed)
                """
            : """
                /// <inheritdoc/>
                public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<byte> packed)
                    => PackRows(weights, rows, columns, tensorScale, default, packed);

                /// <inheritdoc/>
                public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, ReadOnlySpan<float> importance, Span<byte> packed)
                """;

    private static string ChooseScale(BlockPlan plan)
    {
        if (plan.Source != ScaleSource.Group)
        {
            return "";
        }
        if (plan.Model.Scale!.Rule == ScaleRule.SignedMaxRefit && plan.Arms.Count > 0)
        {
            // In units of the first scale a round trip gives the level itself.
            string levels =
                "Span<float> levels = stackalloc float[Group];\n"
                + CpuEmitter.Ladder(
                    plan,
                    arm =>
                        $"RoundTrip{arm.Bits}(ref MemoryMarshal.GetReference(group), new GroupScale(0f, 1f, 0f, first, 0f), ref MemoryMarshal.GetReference(levels));",
                    """
                    for (int i = 0; i < Group; i++)
                    {
                        levels[i] = ReferenceLevel(ReferenceCode(group[i] * first));
                    }
                    """
                );
            return $$"""
                /// <summary>The scale of one whole group, refitted to codes that are chosen in vectors.</summary>
                private static GroupScale ChooseScale(ReadOnlySpan<float> group, ReadOnlySpan<float> importance, float tensorScale, int row, int column)
                {
                    {{Text.Indent(ScaleText.Choose(plan, "SquaredError", levels), 4)}}
                }


                """;
        }
        if (plan.Model.Scale!.Rule != ScaleRule.MinimiseError)
        {
            return $"""
                /// <summary>The scale of one group; its statistics are exact on every vector width.</summary>
                [MethodImpl(MethodImplOptions.AggressiveInlining)]
                private static GroupScale ChooseScale(ReadOnlySpan<float> group, {(
                    plan.Searches ? "ReadOnlySpan<float> importance, " : ""
                )}float tensorScale, int row, int column)
                    => ReferenceChooseScale(group, {(plan.Searches ? "importance, " : "")}tensorScale, row, column);


                """;
        }
        return $$"""
            /// <summary>The scale of one group, searched with the coder of the widest vectors.</summary>
            private static GroupScale ChooseScale(ReadOnlySpan<float> group, ReadOnlySpan<float> importance, float tensorScale, int row, int column)
            {
                {{Text.Indent(ScaleText.Choose(plan, "SquaredError"), 4)}}
            }

            /// <summary>Squared error of a whole group under a scale.</summary>
            private static float SquaredError(ReadOnlySpan<float> group, ReadOnlySpan<float> importance, GroupScale scale)
            {
                if (!importance.IsEmpty)
                {
                    return WeightedError(group, importance, scale);
                }
                {{Text.Indent(CpuEmitter.Ladder(plan,
                    arm => $"return Error{arm.Bits}(ref MemoryMarshal.GetReference(group), scale);",
                    "return ReferenceError(group, default, scale);"), 4)}}
            }

            /// <summary>The same with a weight for every element.</summary>
            private static float WeightedError(ReadOnlySpan<float> group, ReadOnlySpan<float> importance, GroupScale scale)
            {
                Span<float> decoded = stackalloc float[Group];
                {{Text.Indent(CpuEmitter.Ladder(plan,
                    arm => $"RoundTrip{arm.Bits}(ref MemoryMarshal.GetReference(group), scale, ref MemoryMarshal.GetReference(decoded));",
                    "return ReferenceError(group, importance, scale);"), 4)}}
                {{(plan.Arms.Count == 0 ? "" : "return GroupMath.WeightedError(group, decoded, importance);")}}
            }


            """;
    }

    private static string StoreGroup(BlockPlan plan, string pass)
    {
        var lines = new List<string>();
        if (plan.Scale is { } scale)
        {
            lines.Add($"ScaleCodec.Write(ScaleType.{scale.Type}, scale.Stored, block[(ScaleOffset + g * {scale.Bytes})..]);");
        }
        if (plan.Offset is { } offset)
        {
            lines.Add($"ScaleCodec.Write(ScaleType.{offset.Type}, scale.Offset, block[(OffsetOffset + g * {offset.Bytes})..]);");
        }
        if (plan.Element.Bits >= 8)
        {
            lines.Add($"Encode(group{pass}, block.Slice(BytesOffset + g * BytesBytes, BytesBytes));");
        }
        else
        {
            lines.Add($"Encode(group{pass}, codes);");
            lines.AddRange(
                plan.Planes.Select(plane =>
                    $"BitPlanes.Write(codes, {plane.Shift}, {plane.Bits}, CodeOrder.{plane.Order}, block.Slice({plane.Field}Offset + g * {plane.Field}Bytes, {plane.Field}Bytes));"
                )
            );
        }
        return string.Join("\n", lines);
    }

    private static string Encode(BlockPlan plan, string pass)
    {
        string parameter = pass.Length == 0 ? "" : ", in GroupScale scale";
        string level = Scaled(plan, "group[i]");
        string store = plan.Element.Bits switch
        {
            <= 8 => $"codes[i] = (byte)ReferenceCode({level});",
            16 => $"MemoryMarshal.Write(codes[(2 * i)..], (ushort)ReferenceCode({level}));",
            _ => $"MemoryMarshal.Write(codes[(4 * i)..], ReferenceCode({level}));",
        };
        return $$"""
            /// <summary>Codes of one whole group, one after the other.</summary>
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            private static void Encode(ReadOnlySpan<float> group{{parameter}}, Span<byte> codes)
            {
                {{Text.Indent(CpuEmitter.Ladder(plan,
                    arm => $"Encode{arm.Bits}(ref MemoryMarshal.GetReference(group){pass}, ref MemoryMarshal.GetReference(codes));",
                    $$"""
                    for (int i = 0; i < Group; i++)
                    {
                        {{store}}
                    }
                    """), 4)}}
            }
            """;
    }

    private static string ScalarRoundTrip(BlockPlan plan)
    {
        string level = $"ReferenceLevel(ReferenceCode({Scaled(plan, "group[i]")}))";
        string value =
            plan.Source == ScaleSource.None ? level
            : plan.Offset is null ? $"{level} * scale.Scale"
            : $"{level} * scale.Scale + scale.Offset";
        return $$"""
            for (int i = 0; i < Group; i++)
            {
                target[column + i] = {{value}};
            }
            """;
    }

    private static string Scaled(BlockPlan plan, string x) =>
        plan.Source == ScaleSource.None ? x
        : plan.Offset is null ? $"{x} * scale.Inverse"
        : $"({x} - scale.CodeOffset) * scale.Inverse";
}
