using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit;

/// <summary>Text that reads, writes and chooses scales.</summary>
internal static class ScaleText
{
    /// <summary>Shrunk scales that a search tries, from 1.05 of AbsMax down.</summary>
    public const int SearchSteps = 24;

    /// <summary>Name of the pair of conversions in <c>ScaleCodec</c>, empty for float32.</summary>
    private static string Conversion(ScaleType type) =>
        type switch
        {
            ScaleType.Float16 => "Half",
            ScaleType.BFloat16 => "BFloat16",
            ScaleType.Float32 => "",
            _ => type.ToString(),
        };

    private static string Storage(ScaleType type) =>
        type switch
        {
            ScaleType.Float16 or ScaleType.BFloat16 => "ushort",
            ScaleType.Float32 => "float",
            _ => "byte",
        };

    /// <summary>Decodes a stored scale at <c>ref Unsafe.Add(ref local, offset)</c>.</summary>
    public static string Read(ScaleType type, string local, string offset)
    {
        string raw =
            Storage(type) == "byte"
                ? $"Unsafe.Add(ref {local}, {offset})"
                : $"Unsafe.ReadUnaligned<{Storage(type)}>(ref Unsafe.Add(ref {local}, {offset}))";
        return type == ScaleType.Float32 ? raw : $"ScaleCodec.From{Conversion(type)}({raw})";
    }

    /// <summary>What storing makes of a value.</summary>
    public static string Rounded(ScaleType type, string value) =>
        type == ScaleType.Float32 ? value : $"ScaleCodec.From{Conversion(type)}(ScaleCodec.To{Conversion(type)}({value}))";

    /// <summary>Text of the scale of a group inside kernels: local <c>scale</c> and, with an offset, <c>offset</c>.</summary>
    public static string ReadGroup(BlockPlan plan, string group)
    {
        if (plan.Source != ScaleSource.Group)
        {
            return "";
        }
        string At(string name, ScalePlan field) => group.Length == 0 ? name : $"{name} + {group} * {Text.Int(field.Bytes)}";
        string scale = Read(plan.Scale!.Type, "block", At("ScaleOffset", plan.Scale));
        string text = $"float scale = {scale}{(plan.Model.HasTensorScale ? " * tensorScale" : "")};";
        return plan.Offset is null ? text : text + $"\nfloat offset = {Read(plan.Offset.Type, "block", At("OffsetOffset", plan.Offset))};";
    }

    /// <summary>The rule: a body that ends by returning a GroupScale; <paramref name="error"/> names the method that a search asks.</summary>
    /// <param name="plan">The format.</param>
    /// <param name="error">The method.</param>
    /// <param name="levels">Statements that fill <c>levels</c> with the levels nearest to the group times <c>first</c>, for the rule that refits.</param>
    public static string Choose(BlockPlan plan, string error, string? levels = null)
    {
        ScaleModel scale = plan.Model.Scale!;
        string check = """
            uint magnitude = GroupMath.MagnitudeBits(group);
            if (magnitude >= GroupMath.NonFinite)
            {
                MatrixDriver.ThrowNonFinite(FormatName, group, row, column);
            }
            """;
        string choice = scale.Rule switch
        {
            _ when plan.Offset is not null => Affine(plan, error),
            ScaleRule.MxFloor => MxFloor(plan),
            ScaleRule.MxCeiling => MxCeiling(plan),
            ScaleRule.SignedMax => Direct(plan, "GroupMath.SignedMax(group, magnitude) / LowestLevel"),
            ScaleRule.GaussianOptimal => Direct(
                plan,
                "(float)Math.Min(Math.Sqrt(GroupMath.SumOfSquares(group) / group.Length) * GaussianScale, float.MaxValue)"
            ),
            ScaleRule.MinimiseError => Search(plan, error),
            ScaleRule.SignedMaxRefit => Refit(plan, levels),
            _ => Direct(plan, "BitConverter.UInt32BitsToSingle(magnitude) / TopLevel"),
        };
        return check + "\n" + choice;
    }

    private static string Direct(BlockPlan plan, string unrounded)
    {
        ScaleModel scale = plan.Model.Scale!;
        if (plan.Model.HasTensorScale)
        {
            return $"""
                float wanted = {unrounded};
                float stored = tensorScale > 0f ? {Rounded(scale.Type, "wanted / tensorScale")} : 0f;
                float scale = stored * tensorScale;
                return new GroupScale(stored, scale, 0f, ScaleCodec.Reciprocal({(scale.Use == ScaleUse.Stored ? "scale" : "wanted")}), 0f);
                """;
        }
        return $"""
            float wanted = {unrounded};
            float stored = {Rounded(scale.Type, "wanted")};
            return new GroupScale(stored, stored, 0f, ScaleCodec.Reciprocal({(scale.Use == ScaleUse.Stored ? "stored" : "wanted")}), 0f);
            """;
    }

    private static string Affine(BlockPlan plan, string error)
    {
        bool stored = plan.Model.Scale!.Use == ScaleUse.Stored;
        string low = plan.Lowest == 0 ? "min" : "min - LowestLevel * scale";
        string lowOf(string minimum) => plan.Lowest == 0 ? minimum : $"{minimum} - LowestLevel * scale";
        string range = """
            (float min, float max) = GroupMath.Range(group);
            float wanted = Math.Min(max - min, float.MaxValue) / LevelSpan;
            """;
        if (plan.Model.Scale.Rule != ScaleRule.MinimiseError)
        {
            return $"""
                {range}
                float scale = {Rounded(plan.Scale!.Type, "wanted")};
                float offset = {Rounded(plan.Offset!.Type, low)};
                return new GroupScale(scale, scale, offset, ScaleCodec.Reciprocal({(stored ? "scale" : "wanted")}), {(
                    stored ? "offset" : low
                )});
                """;
        }
        return $$"""
            {{range}}
            GroupScale best = default;
            float bestError = float.PositiveInfinity;
            for (int step = 0; step < {{SearchSteps}}; step++)
            {
                // the range shrinks around its middle
                float part = 1.05f - 0.03f * step;
                float scale = {{Rounded(plan.Scale!.Type, "wanted * part")}};
                float low = {{lowOf("(min + (max - min) * (0.5f - 0.5f * part))")}};
                float offset = {{Rounded(plan.Offset!.Type, "low")}};
                var candidate = new GroupScale(scale, scale, offset, ScaleCodec.Reciprocal(scale), offset);
                float error = {{error}}(group, importance, candidate);
                if (step == 0 || error < bestError)
                {
                    (best, bestError) = (candidate, error);
                }
            }
            return best;
            """;
    }

    private static string Search(BlockPlan plan, string error) =>
        $$"""
            float wanted = BitConverter.UInt32BitsToSingle(magnitude) / TopLevel;
            GroupScale best = default;
            float bestError = float.PositiveInfinity;
            for (int step = 0; step < {{SearchSteps}}; step++)
            {
                float stored = {{Rounded(plan.Scale!.Type, "wanted * (1.05f - 0.03f * step)")}};
                var candidate = new GroupScale(stored, stored, 0f, ScaleCodec.Reciprocal(stored), 0f);
                float error = {{error}}(group, importance, candidate);
                if (step == 0 || error < bestError)
                {
                    (best, bestError) = (candidate, error);
                }
            }
            return best;
            """;

    private static string Refit(BlockPlan plan, string? levels) =>
        $$"""
            if (BitConverter.UInt32BitsToSingle(magnitude) < 1e-15f)
            {
                return default;
            }
            // ggml's order of operations: codes under the first scale, then least squares with weights x², or those of the
            // columns; values are divided by a power of two first, which changes no rounding and keeps the squares in range
            float first = ScaleCodec.Reciprocal(GroupMath.SignedMax(group, magnitude) / LowestLevel);
            float unit = BitConverter.UInt32BitsToSingle(magnitude & 0x7F800000), inverseUnit = 1f / unit;
            float projection = 0f, energy = 0f;
            {{levels}}
            for (int i = 0; i < group.Length; i++)
            {
                float level = {{(levels is null ? "ReferenceLevel(ReferenceCode(group[i] * first))" : "levels[i]")}};
                float reduced = group[i] * inverseUnit;
                float weight = importance.IsEmpty ? reduced * reduced : importance[i];
                projection += weight * level * reduced;
                energy += weight * level * level;
            }
            float wanted = energy > 0f ? projection / energy * unit : 0f;
            float stored = {{Rounded(plan.Scale!.Type, "wanted")}};
            return new GroupScale(stored, stored, 0f, first, 0f);
            """;

    private static string MxFloor(BlockPlan plan) =>
        $$"""
            // the exponent of max|x| less the exponent of the top level, read from the float's own exponent field
            int exponent = Math.Clamp((int)(magnitude >> 23) - {{Text.Int((int)Math.Floor(Math.Log(plan.Top, 2) + 1e-12))}}, 0, 254);
            float stored = ScaleCodec.FromE8M0((byte)exponent);
            return new GroupScale(stored, stored, 0f, 1f / stored, 0f);
            """;

    private static string MxCeiling(BlockPlan plan) =>
        """
            // the next power of two at or above max|x| / top
            uint ratio = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) / TopLevel);
            int exponent = Math.Clamp((int)(ratio >> 23) + ((ratio & 0x7FFFFF) != 0 ? 1 : 0), 0, 254);
            float stored = ScaleCodec.FromE8M0((byte)exponent);
            return new GroupScale(stored, stored, 0f, 1f / stored, 0f);
            """;

    /// <summary>The rule for a row or a tensor: a body that returns the scale as stored.</summary>
    public static string ChooseWhole(BlockPlan plan)
    {
        if (plan.Model.HasTensorScale)
        {
            // the largest group scale becomes the largest value of its type
            return "return statistics.AbsMax / (TopLevel * ScaleCodec.Largest(ScaleType." + plan.Scale!.Type + "));";
        }
        ScaleModel scale = plan.Model.Scale!;
        string type = "ScaleType." + scale.Type;
        return scale.Rule switch
        {
            ScaleRule.GaussianOptimal =>
                $"return ScaleCodec.Rounded({type}, (float)Math.Min(statistics.Rms * GaussianScale, float.MaxValue));",
            ScaleRule.MxFloor =>
                $"""
                uint magnitude = BitConverter.SingleToUInt32Bits(statistics.AbsMax);
                return ScaleCodec.FromE8M0((byte)Math.Clamp((int)(magnitude >> 23) - {Text.Int(
                    (int)Math.Floor(Math.Log(plan.Top, 2) + 1e-12)
                )}, 0, 254));
                """,
            ScaleRule.MxCeiling => """
                uint ratio = BitConverter.SingleToUInt32Bits(statistics.AbsMax / TopLevel);
                return ScaleCodec.FromE8M0((byte)Math.Clamp((int)(ratio >> 23) + ((ratio & 0x7FFFFF) != 0 ? 1 : 0), 0, 254));
                """,
            _ => $"return ScaleCodec.Rounded({type}, statistics.AbsMax / TopLevel);",
        };
    }
}
