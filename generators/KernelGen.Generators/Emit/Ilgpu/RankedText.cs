using KernelGen.Generators.Plan.Gpu;

namespace KernelGen.Generators.Emit.Ilgpu;

/// <summary>
/// Units of a mask of any kind: the codes of what is kept of a row lie side by side. Where a unit's begin is counted: marks in front of its
/// span are stored, those of its span are added up.
/// </summary>
internal static class RankedText
{
    public static string Write(GpuPlan plan)
    {
        IEnumerable<string> weights = Enumerable
            .Range(0, GpuPlan.Unit)
            .Select(i =>
                $$"""
                    if ((mask {{(i == 0 ? "" : $">> {i} ")}}& 1u) != 0u)
                    {
                        {{DecodeText.Place(i)}} = {{Weight(plan, i)}};
                        next++;
                    }
                    """
            );
        return string.Join("\n", [Start(plan), .. weights]);
    }

    private static string Start(GpuPlan plan)
    {
        string scales =
            !plan.ScalesKept ? ""
            : plan.KeptGroup == 0 ? "\n" + GpuScaleText.Runs(plan)
            : plan.KeptGroup >= GpuPlan.Unit ? "\n" + TwoGroups(plan)
            : "";
        return $$"""
            int next = (int)source.Extra[shape.Ranks + (long)source.Row * shape.Spans + unit / GpuShape.Span];
            for (int before = unit % GpuShape.Span; before > 0; before--)
            {
                next += IntrinsicMath.PopCount(source.Extra[record - before]);
            }{{scales}}
            """;
    }

    /// <summary>Of groups as large as a unit it meets two at most.</summary>
    private static string TwoGroups(GpuPlan plan)
    {
        string Of(string name, int index, string group) => $"float {name.ToLowerInvariant()}{index} = {name}(source, shape, {group});";
        string both = Of("Scale", 0, "group") + "\n" + Of("Scale", 1, "group + 1");
        string offsets = plan.HasOffset ? "\n" + Of("Offset", 0, "group") + "\n" + Of("Offset", 1, "group + 1") : "";
        return $"""
            int group = next / {plan.KeptGroup};
            int second = (group + 1) * {plan.KeptGroup};
            {both}{offsets}
            """;
    }

    private static string Weight(GpuPlan plan, int i)
    {
        string level = LevelText.Of(plan, Code(plan.Fields[0].Bits));
        if (!plan.ScalesKept)
        {
            return level;
        }
        (string scale, string offset) =
            plan.KeptGroup == 0 ? ($"scale{i / plan.Run}", $"offset{i / plan.Run}")
            : plan.KeptGroup >= GpuPlan.Unit ? ("(next < second ? scale0 : scale1)", "(next < second ? offset0 : offset1)")
            : ($"Scale(source, shape, next / {plan.KeptGroup})", $"Offset(source, shape, next / {plan.KeptGroup})");
        return $"{level} * {scale}{(plan.HasOffset ? $" + {offset}" : "")}";
    }

    private static string Code(int bits)
    {
        int per = 32 / bits;
        string word = per == 1 ? "source.Words[next]" : $"source.Words[next / {per}] >> next % {per} * {bits}";
        return bits == 32 ? word : $"{word} & {(1L << bits) - 1}u";
    }
}
