using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>The kernel of one vector width that unpacks blocks.</summary>
internal static class DotArms
{
    public static string Write(BlockPlan plan, ArmPlan arm) =>
        $$"""
            /// <summary>Decodes whole blocks of a row.</summary>
            private static void Unpack{{arm.Bits}}(ref byte row, int blocks{{Outside(plan)}}, ref float weights)
            {
                {{(ScalesTable(plan, arm) ? "Vector512<float> levels = Vector512.Create(LevelTable);" : "")}}
                ref byte block = ref row;
                ref float values = ref weights;
                for (int b = 0; b < blocks; b++)
                {
                    {{Text.Indent(OverGroups(plan, "values", group => UnpackGroup(plan, arm, group)), 8)}}
                    block = ref Unsafe.Add(ref block, BlockBytes);
                    values = ref Unsafe.Add(ref values, Block);
                }
            }
            """;

    /// <summary>Whether unpacking looks weights up in the 16 levels times the scale of the group, one multiplication for all of them.</summary>
    public static bool ScalesTable(BlockPlan plan, ArmPlan arm) =>
        arm.Lanes == 16 && plan.Element.Bits <= 4 && plan.Source != ScaleSource.None && plan.Group > arm.Lanes;

    private static string UnpackGroup(BlockPlan plan, ArmPlan arm, string group)
    {
        string Store(string weight, string element) => $"({weight}).StoreUnsafe(ref {At("values", group)}, {Index(element)});";
        string read = ScaleText.ReadGroup(plan, group),
            planes = CodeLoads.Planes(plan, group);
        return ScalesTable(plan, arm)
            ? Lines(
                read,
                planes,
                $"Vector512<float> table = {Scaled(plan, "levels")};",
                CodeLoads.OverPlanes(plan, arm, (codes, element) => Store($"Lanes512.Permute(table, {codes})", element), masked: false)
            )
            : Lines(read, planes, CodeLoads.OverPlanes(plan, arm, (codes, element) => Store(Weight(plan, codes), element)));
    }

    /// <summary>Parameter for the scale that comes from a row or tensor header, or that multiplies group scales.</summary>
    public static string Outside(BlockPlan plan) =>
        plan.Source switch
        {
            ScaleSource.None => "",
            ScaleSource.Group => plan.Model.HasTensorScale ? ", float tensorScale" : "",
            _ => ", float scale",
        };

    /// <summary>The argument that goes with <see cref="Outside"/>.</summary>
    public static string OutsideArgument(BlockPlan plan, string rowScale = "scale") =>
        plan.Source switch
        {
            ScaleSource.None => "",
            ScaleSource.Group => plan.Model.HasTensorScale ? ", tensorScale" : "",
            ScaleSource.Row => $", {rowScale}",
            _ => ", tensorScale",
        };

    /// <summary>Dots take a row's or tensor's scale out of the sum; only the second level of a group scale goes in.</summary>
    private static string InBlocks(BlockPlan plan) => plan.Model.HasTensorScale ? ", float tensorScale" : "";

    private static string DotGroup(BlockPlan plan, ArmPlan arm, string group, string sum)
    {
        string x = At("values", group);
        string Load(string element) => $"VECTOR.LoadUnsafe(ref {x}, {Index(element)})";
        if (plan.Source != ScaleSource.Group || plan.Offset is not null)
        {
            // No scale in the block, or an offset that has to be added to every weight.
            return Lines(
                ScaleText.ReadGroup(plan, group),
                CodeLoads.Planes(plan, group),
                CodeLoads.OverPlanes(plan, arm, (codes, element) =>
                    $"{sum} = VECTOR.MultiplyAddEstimate({(plan.Offset is null ? $"Level({codes})" : EstimatedWeight(codes))}, {Load(element)}, {sum});"
                )
            );
        }
        return Lines(
            ScaleText.ReadGroup(plan, group),
            CodeLoads.Planes(plan, group),
            "VECTOR<float> partial = VECTOR<float>.Zero;",
            CodeLoads.OverPlanes(plan, arm, (codes, element) =>
                $"partial = VECTOR.MultiplyAddEstimate(Level({codes}), {Load(element)}, partial);"
            ),
            $"{sum} = VECTOR.MultiplyAddEstimate(partial, VECTOR.Create(scale), {sum});"
        );
    }

    private static string DotFourGroup(BlockPlan plan, ArmPlan arm, string group) =>
        Lines(ScaleText.ReadGroup(plan, group), CodeLoads.Planes(plan, group), CodeLoads.OverPlanes(plan, arm, (codes, element) =>
            {
                string weight =
                    plan.Source != ScaleSource.Group ? $"Level({codes})"
                    : plan.Offset is null ? $"Level({codes}) * VECTOR.Create(scale)"
                    : EstimatedWeight(codes);
                string index = Index(group.Length == 0 ? element : $"{group} * Group + {element}");
                return $$"""
                    {
                        VECTOR<float> w = {{weight}};
                        sum0 = VECTOR.MultiplyAddEstimate(w, VECTOR.LoadUnsafe(ref x0, {{index}}), sum0);
                        sum1 = VECTOR.MultiplyAddEstimate(w, VECTOR.LoadUnsafe(ref x1, {{index}}), sum1);
                        sum2 = VECTOR.MultiplyAddEstimate(w, VECTOR.LoadUnsafe(ref x2, {{index}}), sum2);
                        sum3 = VECTOR.MultiplyAddEstimate(w, VECTOR.LoadUnsafe(ref x3, {{index}}), sum3);
                    }
                    """;
            }));

    /// <summary>A weight exactly as the reference decodes it: no fused multiply–add.</summary>
    private static string Weight(BlockPlan plan, string codes) => Scaled(plan, $"Level({codes})");

    private static string Scaled(BlockPlan plan, string levels) =>
        plan.Source == ScaleSource.None ? levels
        : plan.Offset is null ? $"{levels} * VECTOR.Create(scale)"
        : $"{levels} * VECTOR.Create(scale) + VECTOR.Create(offset)";

    private static string EstimatedWeight(string codes) =>
        $"VECTOR.MultiplyAddEstimate(Level({codes}), VECTOR.Create(scale), VECTOR.Create(offset))";

    private static string OverGroups(BlockPlan plan, string values, Func<string, string> body) =>
        plan.Groups == 1
            ? body("")
            : $$"""
                for (int g = 0; g < Groups; g++)
                {
                    {{Text.Indent(body("g"), 4)}}
                }
                """;

    private static string At(string values, string group) => group.Length == 0 ? values : $"Unsafe.Add(ref {values}, {group} * Group)";

    private static string Index(string element) => int.TryParse(element, out _) ? element : $"(nuint)({element})";

    private static string Lines(params string[] lines) => string.Join("\n", lines.Where(line => line.Length > 0));
}
