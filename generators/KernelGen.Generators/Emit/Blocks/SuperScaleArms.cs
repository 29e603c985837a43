using KernelGen.Generators.Emit.Cpu;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>
/// A super-block in vectors. In each segment of elements the codes of every plane sit at the same shift; segments that differ
/// are written out, those that repeat are a loop.
/// </summary>
internal static class SuperScaleArms
{
    /// <summary>Up to so many vectors of a segment are written out.</summary>
    private const int UnrolledSteps = 4;

    public static string Write(SuperScalePlan plan, ArmPlan arm) =>
        $$"""
        // ---- {{arm.Bits}}-bit vectors: {{arm.Lanes}} elements each ----

        /// <summary>Codes to levels: {{ElementRecipes.Describe(plan.Model.Element)}}.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static VECTOR<float> Level(VECTOR<int> code)
        {
            {{Text.Indent(ElementRecipes.Level(plan.Elements), 4)}}
        }

        /// <summary>The values of a super-block, exactly as the reference decodes them: no fused multiply–add.</summary>
        public static void Decode{{arm.Bits}}(ref byte block, ref float scales, ref float values)
        {
            {{Text.Indent(OverBlock(plan, arm, (codes, scale, offset, element) =>
                $"(Level({codes}) * {scale}{(plan.HasOffset ? $"\n    - {offset}" : "")}).StoreUnsafe(ref values, {Index(element)});"), 4)}}
        }
        """;

    /// <summary>
    /// Runs over a super-block; the body gets the texts of the codes, of the group's scale and offset, and the element's index.
    /// </summary>
    private static string OverBlock(SuperScalePlan plan, ArmPlan arm, Func<string, string, string, string, string> body)
    {
        var lines = new List<string>();
        bool loops = plan.Period < plan.Block;
        lines.AddRange(
            plan.Planes.Select(plane =>
                $"ref byte {Local(plane)} = ref Unsafe.Add(ref block, "
                + $"{plane.Field}Offset{(loops ? $" + p * {plan.Period * plane.Bits / 8}" : "")});"
            )
        );
        for (int start = 0; start < plan.Period; start += plan.Segment)
        {
            lines.Add(Segment(plan, arm, start, loops, body));
        }
        string all = string.Join("\n", lines);
        return !loops
            ? all
            : $$"""
                for (int p = 0; p < {{plan.Block / plan.Period}}; p++)
                {
                    {{Text.Indent(all, 4)}}
                }
                """;
    }

    private static string Segment(
        SuperScalePlan plan,
        ArmPlan arm,
        int start,
        bool loops,
        Func<string, string, string, string, string> body
    )
    {
        string firstElement = loops ? $"p * {plan.Period}" : "",
            firstGroup = loops ? $"p * {plan.Period / plan.Group}" : "";
        string Step(string group, string within) =>
            body(
                Codes(plan, start, within),
                $"VECTOR.Create(Unsafe.Add(ref scales, {Sum(firstGroup, start / plan.Group, group)}))",
                $"VECTOR.Create(Unsafe.Add(ref scales, {Sum(firstGroup, plan.Super.Groups + start / plan.Group, group)}))",
                Sum(firstElement, start, within)
            );
        if (plan.Segment / arm.Lanes <= UnrolledSteps)
        {
            return string.Join(
                "\n",
                Enumerable
                    .Range(0, plan.Segment / arm.Lanes)
                    .Select(step =>
                    {
                        int group = (start + step * arm.Lanes) / plan.Group - start / plan.Group;
                        return Step(group == 0 ? "" : Text.Int(group), step == 0 ? "" : Text.Int(step * arm.Lanes));
                    })
            );
        }
        string index =
            plan.Segment <= plan.Group ? ""
            : Power(plan.Group) is { } shift ? $"(j >> {shift})"
            : $"j / {plan.Group}";
        return $$"""
            for (int j = 0; j < {{plan.Segment}}; j += {{arm.Lanes}})
            {
                {{Text.Indent(Step(index, "j"), 4)}}
            }
            """;
    }

    /// <summary>The codes of one vector: each plane's bits moved to their place.</summary>
    private static string Codes(SuperScalePlan plan, int start, string within) =>
        string.Join(
            " | ",
            plan.Planes.Select(plane =>
            {
                string load = Load(plan, plane, start, within);
                return plane.Shift == 0 ? load : $"({load}) << {plane.Shift}";
            })
        );

    private static string Load(SuperScalePlan plan, SpanPlane plane, int start, string within)
    {
        if (plane.Bits >= 8)
        {
            bool signed = plan.Model.Element is IntElementModel { Code: IntCode.TwosComplement };
            return $"LANES.{(signed ? "SignedBytes" : "Bytes")}(ref {Local(plane)}, {Sum("", start, within)})";
        }
        if (!plane.IsSplit)
        {
            string order = plane.Order == CodeOrder.HighFirst ? "HighFirst" : "";
            return $"LANES.{plane.Field}{order}(ref {Local(plane)}, {Sum("", start, within)})";
        }
        int span = start / plane.Span,
            inSpan = start % plane.Span,
            shift = inSpan / plane.Stride * plane.Bits;
        string bytes = $"LANES.Bytes(ref {Local(plane)}, {Sum("", span * plane.Stride + inSpan % plane.Stride, within)})";
        string moved = shift == 0 ? bytes : $"{bytes} >>> {shift}";
        return shift + plane.Bits == 8 ? moved : $"{moved} & VECTOR.Create({(1 << plane.Bits) - 1})";
    }

    private static string Local(SpanPlane plane) =>
        plane.Field switch
        {
            BlockField.Nibbles => "nibbles",
            BlockField.Pairs => "pairs",
            BlockField.Bits => "bits",
            _ => "codes",
        };

    /// <summary>A sum of a text, a constant and a text; texts that are numbers are added up.</summary>
    private static string Sum(string first, int constant, string last)
    {
        if (int.TryParse(last, out int number))
        {
            (constant, last) = (constant + number, "");
        }
        string[] terms = [.. new[] { first, constant == 0 ? "" : Text.Int(constant), last }.Where(term => term.Length > 0)];
        return terms.Length == 0 ? "0" : string.Join(" + ", terms);
    }

    private static string Index(string element) => int.TryParse(element, out _) ? element : $"(nuint)({element})";

    private static int? Power(int value)
    {
        int shift = 0;
        while (1 << shift < value)
        {
            shift++;
        }
        return 1 << shift == value ? shift : null;
    }
}
