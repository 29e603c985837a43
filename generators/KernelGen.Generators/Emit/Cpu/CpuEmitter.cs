using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>Pack, unpack, round trip, matvec and matmul for the CPU: row loops once, and one set of methods per vector width.</summary>
internal static class CpuEmitter
{
    public static string Write(BlockPlan plan)
    {
        var members = new List<string> { Tables.Write(plan), RowLoops.Write(plan), PackLoops.Write(plan) };
        foreach (ArmPlan arm in plan.Arms)
        {
            members.Add(
                CodeLoads.For(
                    arm,
                    $"""
                    // ---- {arm.Bits}-bit vectors: {arm.Lanes} elements each ----

                    {Coders(plan)}

                    {DotArms.Write(plan, arm)}

                    {CodingArms.Write(plan, arm)}
                    """
                )
            );
        }
        return string.Join("\n\n", members.Where(member => member.Length > 0));
    }

    /// <summary>A chain of vector widths, widest first, ending in what is done without vectors; the tests are JIT constants.</summary>
    public static string Ladder(BlockPlan plan, Func<ArmPlan, string> call, string scalar)
    {
        if (plan.Arms.Count == 0)
        {
            return scalar;
        }
        IEnumerable<string> rungs = plan.Arms.Select(
            (arm, i) =>
                $$"""
                    {{(i == 0 ? "if" : "else if")}} (Vector{{arm.Bits}}.IsHardwareAccelerated)
                    {
                        {{Text.Indent(call(arm), 4)}}
                    }
                    """
        );
        return $$"""
            {{string.Join("\n", rungs)}}
            else
            {
                {{Text.Indent(scalar, 4)}}
            }
            """;
    }

    private static string Coders(BlockPlan plan) =>
        $$"""
            /// <summary>Codes to levels: {{ElementRecipes.Describe(plan.Element)}}.</summary>
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            private static VECTOR<float> Level(VECTOR<int> code)
            {
                {{Text.Indent(ElementRecipes.Level(plan), 4)}}
            }

            /// <summary>Levels to the nearest codes.</summary>
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            private static VECTOR<int> Code(VECTOR<float> level)
            {
                {{Text.Indent(ElementRecipes.Code(plan), 4)}}
            }
            """;
}
