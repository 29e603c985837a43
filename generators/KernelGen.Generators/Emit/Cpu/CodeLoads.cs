using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>
/// Text that brings the codes of one vector into lanes, and the loops over a group. In all templates VECTOR stands for
/// Vector512, Vector256 or Vector128 and LANES for the class of helpers of that width.
/// </summary>
internal static class CodeLoads
{
    /// <summary>Up to so many vectors of a group are written out; longer groups become loops.</summary>
    private const int UnrolledSteps = 8;

    /// <summary>The index of an element as vector loads and stores take it.</summary>
    public static string Index(string element) => int.TryParse(element, out _) ? element : $"(nuint)({element})";

    /// <summary>Fills in the width.</summary>
    public static string For(ArmPlan arm, string template) =>
        template.Replace("VECTOR", "Vector" + Text.Int(arm.Bits)).Replace("LANES", "Lanes" + Text.Int(arm.Bits));

    /// <summary>Name of the local that refers to a plane.</summary>
    private static string Local(PlanePlan plane) =>
        plane.Field switch
        {
            BlockField.Nibbles => "nibbles",
            BlockField.Pairs => "pairs",
            BlockField.Bits => "bits",
            _ => "codes",
        };

    /// <summary>Declares references to the planes of a group; <paramref name="group"/> is its index or empty for the only one.</summary>
    public static string Planes(BlockPlan plan, string group) =>
        string.Join(
            "\n",
            plan.Planes.Select(plane =>
                $"ref byte {Local(plane)} = ref Unsafe.Add(ref block, "
                + $"{plane.Field}Offset{(group.Length > 0 ? $" + {group} * {plane.Field}Bytes" : "")});"
            )
        );

    /// <summary>
    /// Runs over a group in the order of its planes; the body gets the text of the codes and of the first element's index.
    /// Codes that are not <paramref name="masked"/> may have anything above their four lowest bits.
    /// </summary>
    public static string OverPlanes(BlockPlan plan, ArmPlan arm, Func<string, string, string> body, bool masked = true)
    {
        var lines = new List<string>();
        bool unrolled = plan.Group / arm.Lanes <= UnrolledSteps;
        for (int segment = 0; segment < plan.Group; segment += arm.Segment)
        {
            if (unrolled || arm.Segment == arm.Lanes)
            {
                for (int j = 0; j < arm.Segment; j += arm.Lanes)
                {
                    lines.Add(body(Codes(plan, arm, segment, j, "", masked), Text.Int(segment + j)));
                }
                continue;
            }
            string element = segment == 0 ? "j" : $"j + {Text.Int(segment)}";
            lines.Add(
                $$"""
                for (int j = 0; j < {{arm.Segment}}; j += LANES.Count)
                {
                    {{Text.Indent(body(Codes(plan, arm, segment, 0, "j", masked), element), 4)}}
                }
                """
            );
        }
        return string.Join("\n", lines);
    }

    /// <summary>Runs over the values of a group in order; the body gets the text of the first element's index.</summary>
    public static string OverElements(BlockPlan plan, ArmPlan arm, Func<string, int, string> body)
    {
        int steps = plan.Group / arm.Lanes,
            perTurn = 16 / arm.Lanes;
        if (steps <= UnrolledSteps)
        {
            return string.Join("\n", Enumerable.Range(0, steps).Select(step => body(Text.Int(step * arm.Lanes), step % perTurn)));
        }
        string turn = string.Join(
            "\n",
            Enumerable.Range(0, perTurn).Select(part => body(part == 0 ? "i" : $"i + {Text.Int(part * arm.Lanes)}", part))
        );
        return $$"""
            for (int i = 0; i < Group; i += 16)
            {
                {{Text.Indent(turn, 4)}}
            }
            """;
    }

    private static string Codes(BlockPlan plan, ArmPlan arm, int segment, int step, string variable, bool masked)
    {
        string[] parts =
        [
            .. plan.Planes.Select(plane => Shifted(Load(plan, plane, arm, segment, step, variable, masked || plane.Bits < 4), plane.Shift)),
        ];
        return string.Join(" | ", parts);
    }

    private static string Shifted(string load, int shift) => shift == 0 ? load : $"({load}) << {Text.Int(shift)}";

    private static string Load(BlockPlan plan, PlanePlan plane, ArmPlan arm, int segment, int step, string variable, bool masked)
    {
        string Index(int constant) =>
            variable.Length == 0 ? Text.Int(constant + step)
            : constant == 0 ? variable
            : $"{variable} + {Text.Int(constant)}";
        string local = Local(plane);
        if (plane.IsWhole)
        {
            bool signed = plan.Element is IntElementModel { Code: IntCode.TwosComplement };
            string kind = plane.Bits switch
            {
                8 => signed ? "SignedBytes" : "Bytes",
                16 => "Words",
                _ => "DoubleWords",
            };
            return $"LANES.{kind}(ref {local}, {Index(segment)})";
        }
        if (plane.Order != CodeOrder.Split)
        {
            return $"LANES.{plane.Field}{(plane.Order == CodeOrder.HighFirst ? "HighFirst" : "")}(ref {local}, {Index(segment)})";
        }
        if (ArmPlan.IsFolded(plane, arm.Lanes))
        {
            return $"LANES.FoldedNibbles(ref {local}, {Index(0)})";
        }
        int part = segment / plane.BytesPerGroup,
            shift = part * plane.Bits;
        string bytes = $"LANES.Bytes(ref {local}, {Index(segment % plane.BytesPerGroup)})";
        string moved = shift == 0 ? bytes : $"{bytes} >>> {Text.Int(shift)}";
        return shift + plane.Bits == 8 || !masked ? moved : $"{moved} & VECTOR.Create({Text.Int((1 << plane.Bits) - 1)})";
    }
}
