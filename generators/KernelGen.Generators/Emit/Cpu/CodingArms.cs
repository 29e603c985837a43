using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>The kernels of one vector width that choose codes: encode, round trip and squared error of one group.</summary>
internal static class CodingArms
{
    public static string Write(BlockPlan plan, ArmPlan arm)
    {
        string store = plan.Element.Bits switch
        {
            <= 8 => "StoreBytes",
            16 => "StoreWords",
            _ => "StoreDoubleWords",
        };
        string fromOutside = plan.Source == ScaleSource.None ? "" : ", in GroupScale scale";
        string encode = TilePacking.Fits(plan)
            ? TilePacking.Arm(plan, arm)
            : $$"""
            /// <summary>Codes of one group.</summary>
            private static void Encode{{arm.Bits}}(ref float values{{fromOutside}}, ref byte codes)
            {
                {{Text.Indent(Locals(plan, decode: false), 4)}}
                {{Text.Indent(CodeLoads.OverElements(plan, arm, (element, _) =>
                    $"LANES.{store}(Code({Scaled(plan, $"VECTOR.LoadUnsafe(ref values, {Index(element)})")}), ref codes, {element});"), 4)}}
            }
            """;
        return $$"""
            {{encode}}

            /// <summary>One group quantised and dequantised in registers.</summary>
            private static void RoundTrip{{arm.Bits}}(ref float values{{fromOutside}}, ref float result)
            {
                {{Text.Indent(Locals(plan, decode: true), 4)}}
                {{Text.Indent(CodeLoads.OverElements(plan, arm, (element, _) =>
                    $"({Back(plan, $"Level(Code({Scaled(plan, $"VECTOR.LoadUnsafe(ref values, {Index(element)})")}))")}).StoreUnsafe(ref result, {Index(element)});"), 4)}}
            }

            /// <summary>Σ(x − R(x))² of one group, in 16 lanes.</summary>
            private static float Error{{arm.Bits}}(ref float values{{fromOutside}})
            {
                {{Text.Indent(Locals(plan, decode: true), 4)}}
                {{Text.Indent(string.Join("\n", Enumerable.Range(0, 16 / arm.Lanes).Select(part => $"VECTOR<float> error{part} = VECTOR<float>.Zero;")), 4)}}
                {{Text.Indent(CodeLoads.OverElements(plan, arm, (element, part) => $$"""
                    {
                        VECTOR<float> x = VECTOR.LoadUnsafe(ref values, {{Index(element)}});
                        VECTOR<float> difference = x - ({{Back(plan, $"Level(Code({Scaled(plan, "x")}))")}});
                        error{{part}} += difference * difference;
                    }
                    """), 4)}}
                return GroupMath.LaneSum({{string.Join(", ", Enumerable.Range(0, 16 / arm.Lanes).Select(part => $"error{part}"))}});
            }
            """;
    }

    public static string Locals(BlockPlan plan, bool decode)
    {
        if (plan.Source == ScaleSource.None)
        {
            return "";
        }
        var lines = new List<string> { "VECTOR<float> inverse = VECTOR.Create(scale.Inverse);" };
        if (plan.Offset is not null)
        {
            lines.Add("VECTOR<float> codeOffset = VECTOR.Create(scale.CodeOffset);");
        }
        if (decode)
        {
            lines.Add("VECTOR<float> factor = VECTOR.Create(scale.Scale);");
            if (plan.Offset is not null)
            {
                lines.Add("VECTOR<float> offset = VECTOR.Create(scale.Offset);");
            }
        }
        return string.Join("\n", lines);
    }

    public static string Scaled(BlockPlan plan, string x) =>
        plan.Source == ScaleSource.None ? x
        : plan.Offset is null ? $"{x} * inverse"
        : $"({x} - codeOffset) * inverse";

    private static string Back(BlockPlan plan, string level) =>
        plan.Source == ScaleSource.None ? level
        : plan.Offset is null ? $"{level} * factor"
        : $"{level} * factor + offset";

    public static string Index(string element) => int.TryParse(element, out _) ? element : $"(nuint)({element})";
}
