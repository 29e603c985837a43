using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>
/// Packing of formats whose group scales follow from a few statistics: those of 16 groups are chosen side by side in lanes,
/// then the codes of each group are. Formats that search for scales take one group after the other (<see cref="PackLoops"/>).
/// </summary>
internal static class TilePacking
{
    /// <summary>Whether a format packs in tiles.</summary>
    public static bool Fits(BlockPlan plan) =>
        plan.Source == ScaleSource.Group
        && plan.Arms.Count > 0
        && !plan.Searches
        && (plan.Offset is not null || plan.Model.Scale!.Rule != ScaleRule.GaussianOptimal);

    /// <summary>The row loop and the choice of scales, for all vector widths.</summary>
    public static string Write(BlockPlan plan) =>
        $$"""
        /// <inheritdoc/>
        public static void PackRows(ReadOnlySpan<float> weights, int rows, int columns, float tensorScale, Span<byte> packed)
        {
            int rowBytes = MatrixDriver.CheckRows(Info, packed, rows, columns, weights);
            int whole = columns / Block * Block;
            for (int r = 0; r < rows; r++)
            {
                ReadOnlySpan<float> values = weights.Slice(r * columns, columns);
                Span<byte> row = packed.Slice(r * rowBytes, rowBytes);
                {{Text.Indent(CpuEmitter.Ladder(plan,
                    arm => $"Pack{arm.Bits}(values[..whole], tensorScale, r, row);",
                    """
                    for (int column = 0; column < whole; column += Block)
                    {
                        ReferencePackBlock(values.Slice(column, Block), tensorScale, r, column, row.Slice(column / Block * BlockBytes, BlockBytes));
                    }
                    """), 8)}}
                if (whole < columns)
                {
                    ReferencePackBlock(values[whole..], tensorScale, r, whole, row[^BlockBytes..]);
                }
            }
        }

        /// <summary>The scales of up to 16 groups side by side: the codes that are stored, and what values are {{(plan.Offset is null ? "" : "moved and ")}}multiplied by.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void ChooseScales(ReadOnlySpan<float> tile, float tensorScale, int row, int column, {{Results(plan, "Span<uint>", "Span<float>")}})
        {
            {{Text.Indent(Choose(plan), 4)}}
            Vector512<uint> codes = {{Codes(plan)}};
            {{Text.Indent(Use(plan), 4)}}
        }
        """;

    /// <summary>The loop over tiles of one vector width, and the coder of a group.</summary>
    public static string Arm(BlockPlan plan, ArmPlan arm)
    {
        bool many = plan.Groups > 1;
        bool buffer = PlaneStores.NeedsBuffer(plan, arm);
        string offset = plan.Offset is null ? "" : ", codeOffset[g]";
        return $$"""
            /// <summary>Whole blocks of a row: scales of a tile of groups, then their codes.</summary>
            private static void Pack{{arm.Bits}}(ReadOnlySpan<float> values, float tensorScale, int row, Span<byte> packed)
            {
                {{Text.Indent(
                Results(
                    plan,
                    "Span<uint> # = stackalloc uint[GroupTile.Groups];",
                    "Span<float> # = stackalloc float[GroupTile.Groups];",
                    "\n"
                ),
                4
            )}}{{(buffer ? "\n    Span<byte> codes = stackalloc byte[Group];" : "")}}
                ref byte first = ref MemoryMarshal.GetReference(packed[..(values.Length / Block * BlockBytes)]);
                for (int column = 0; column < values.Length; column += GroupTile.Groups * Group)
                {
                    ReadOnlySpan<float> tile = values.Slice(column, Math.Min(GroupTile.Groups * Group, values.Length - column));
                    ChooseScales(tile, tensorScale, row, column, {{Results(plan, "#", "#")}});
                    ref float group = ref MemoryMarshal.GetReference(tile);
                    for (int g = 0; g < tile.Length / Group; g++)
                    {
                        {{(many ? "nint at = column / Group + g;\n            " : "")}}ref byte block = ref Unsafe.Add(ref first, {{(
                many ? "at / Groups" : "(nint)(column / Group + g)"
            )}} * BlockBytes);
                        {{Text.Indent(StoreScales(plan), 12)}}
                        StoreCodes{{arm.Bits}}(ref Unsafe.Add(ref group, g * Group), inverse[g]{{offset}}, ref block{{(
                many ? ", at % Groups" : ""
            )}}{{(buffer ? ", codes" : "")}});
                    }
                }
            }

            /// <summary>The codes of one group, into its planes.</summary>
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            private static void StoreCodes{{arm.Bits}}(ref float values, float inverseScale{{(
                plan.Offset is null ? "" : ", float shift"
            )}}, ref byte block{{(many ? ", nint g" : "")}}{{(buffer ? ", Span<byte> codes" : "")}})
            {
                {{Text.Indent(PlaneStores.Write(plan, arm), 4)}}
            }
            """;
    }

    /// <summary>What a tile's scales are to the coder, each by a template in which # is the name.</summary>
    private static string Results(BlockPlan plan, string codes, string values, string separator = ", ")
    {
        string Of(string template, string name) => template.Contains("#") ? template.Replace("#", name) : $"{template} {name}";
        string[] all = plan.Offset is null
            ? [Of(codes, "stored"), Of(values, "inverse")]
            : [Of(codes, "stored"), Of(values, "inverse"), Of(codes, "storedOffset"), Of(values, "codeOffset")];
        return string.Join(separator, all);
    }

    private static string StoreScales(BlockPlan plan) =>
        StoreScale(plan, plan.Scale!, "Scale", "stored")
        + (plan.Offset is null ? "" : "\n" + StoreScale(plan, plan.Offset, "Offset", "storedOffset"));

    private static string StoreScale(BlockPlan plan, ScalePlan scale, string field, string from)
    {
        string at = plan.Groups > 1 ? $"{field}Offset + at % Groups * {Text.Int(scale.Bytes)}" : field + "Offset";
        string type = scale.Bytes switch
        {
            4 => "uint",
            2 => "ushort",
            _ => "byte",
        };
        string value = scale.Bytes == 4 ? $"{from}[g]" : $"({type}){from}[g]";
        return $"Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, {at}), {value});";
    }

    /// <summary>Lanes of <c>wanted</c>, the scale before it is rounded, after the check for values that are not finite.</summary>
    private static string Choose(BlockPlan plan)
    {
        const string check = """
            if (Vector512.GreaterThanOrEqualAny(magnitude, Vector512.Create(GroupMath.NonFinite)))
            {
                MatrixDriver.ThrowNonFinite(FormatName, tile, row, column);
            }
            """;
        string magnitudes = "Vector512<uint> magnitude = GroupTile.Magnitudes(tile, Group);\n" + check + "\n";
        return plan.Model.Scale!.Rule switch
        {
            _ when plan.Offset is not null => """
                if (GroupMath.MagnitudeBits(tile) >= GroupMath.NonFinite)
                {
                    MatrixDriver.ThrowNonFinite(FormatName, tile, row, column);
                }
                Vector512<float> min = GroupTile.Range(tile, Group, out Vector512<float> max);
                Vector512<float> wanted = Vector512.MinNative(max - min, Vector512.Create(float.MaxValue)) / Vector512.Create(LevelSpan);
                """,
            ScaleRule.SignedMax => $"""
                Vector512<float> extreme = GroupTile.SignedMax(tile, Group, out Vector512<uint> magnitude);
                {check}
                Vector512<float> wanted = extreme / Vector512.Create(LowestLevel);
                """,
            ScaleRule.MxFloor => magnitudes
                + $"""
                    // the exponent of max|x| less the exponent of the top level, read from the float's own exponent field
                    Vector512<int> exponent = (magnitude >>> 23).AsInt32() - Vector512.Create({Text.Int(
                        (int)Math.Floor(Math.Log(plan.Top, 2) + 1e-12)
                    )});
                    {MxScale}
                    """,
            ScaleRule.MxCeiling => magnitudes
                + $"""
                    // the next power of two at or above max|x| / top
                    Vector512<uint> ratio = (magnitude.AsSingle() / Vector512.Create(TopLevel)).AsUInt32();
                    Vector512<int> inexact = Vector512.GreaterThan(ratio & Vector512.Create(0x7FFFFFu), Vector512<uint>.Zero).AsInt32();
                    Vector512<int> exponent = (ratio >>> 23).AsInt32() - inexact;
                    {MxScale}
                    """,
            _ => magnitudes + "Vector512<float> wanted = magnitude.AsSingle() / Vector512.Create(TopLevel);",
        };
    }

    /// <summary>The stored codes; under a tensor scale they are those of the quotient, and zero where that is zero.</summary>
    private static string Codes(BlockPlan plan) =>
        plan.Model.HasTensorScale
            ? $"tensorScale > 0f ? ScaleLanes.Encode(ScaleType.{plan.Scale!.Type}, wanted / Vector512.Create(tensorScale)) : ScaleLanes.Encode(ScaleType.{plan.Scale.Type}, Vector512<float>.Zero)"
            : $"ScaleLanes.Encode(ScaleType.{plan.Scale!.Type}, wanted)";

    private const string MxScale = """
        exponent = Vector512.Min(Vector512.Max(exponent, Vector512<int>.Zero), Vector512.Create(254));
        Vector512<float> wanted = ScaleLanes.Decode(ScaleType.E8M0, exponent.AsUInt32());
        """;

    /// <summary>From the stored codes to what the coder needs.</summary>
    private static string Use(BlockPlan plan)
    {
        ScaleModel scale = plan.Model.Scale!;
        bool stored = scale.Use == ScaleUse.Stored;
        string decoded = $"ScaleLanes.Decode(ScaleType.{plan.Scale!.Type}, codes)";
        if (plan.Offset is { } offset)
        {
            string low = plan.Lowest == 0 ? "min" : "min - Vector512.Create(LowestLevel) * scale";
            return $"""
                Vector512<float> scale = {decoded};
                Vector512<float> low = {low};
                Vector512<uint> lowCodes = ScaleLanes.Encode(ScaleType.{offset.Type}, low);
                codes.CopyTo(stored);
                ScaleLanes.Reciprocal({(stored ? "scale" : "wanted")}).CopyTo(inverse);
                lowCodes.CopyTo(storedOffset);
                {(stored ? $"ScaleLanes.Decode(ScaleType.{offset.Type}, lowCodes)" : "low")}.CopyTo(codeOffset);
                """;
        }
        string reciprocal =
            scale.Rule is ScaleRule.MxFloor or ScaleRule.MxCeiling ? $"(Vector512.Create(1f) / {decoded})"
            : !stored ? "ScaleLanes.Reciprocal(wanted)"
            : plan.Model.HasTensorScale ? $"ScaleLanes.Reciprocal({decoded} * Vector512.Create(tensorScale))"
            : $"ScaleLanes.Reciprocal({decoded})";
        return $"""
            codes.CopyTo(stored);
            {reciprocal}.CopyTo(inverse);
            """;
    }
}
