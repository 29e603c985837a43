using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Gpu;

namespace KernelGen.Generators.Emit.Ilgpu;

/// <summary>Where a row begins in each array that the format uses: from there 32-bit places are enough.</summary>
internal static class RowText
{
    public static string Write(GpuPlan plan)
    {
        IEnumerable<string> lines = Arrays(plan)
            .Select(array => $"source.{array.Name} = source.{array.Name}.SubView(row * (long)({array.Length}), {array.Length});");
        return $$"""
            /// <inheritdoc/>
            public static GpuSource OfRow(GpuSource source, GpuShape shape, int row)
            {
                source.Row = row;
                {{Text.Indent(string.Join("\n", lines), 4)}}
                return source;
            }
            """;
    }

    /// <summary>Arrays, and what a row has of each.</summary>
    private static IEnumerable<(string Name, string Length)> Arrays(GpuPlan plan)
    {
        for (int f = 0; f < plan.Fields.Count && plan.CodesPerUnit > 0; f++)
        {
            int words = plan.CodesPerUnit * plan.Fields[f].Bits / 32;
            yield return words % 4 == 0 ? ("Quads", Times("shape.Units", words / 4))
            : words == 2 ? ("Pairs", "shape.Units")
            : ("Words", Times("shape.Units", words));
        }
        if (plan.Kind == GpuLevelKind.Ring)
        {
            yield return ("Words", Times("shape.Blocks", (plan.Ring.Bits + 31) / 32 + 2));
        }
        else if (plan.CodesPerBlock > 0)
        {
            yield return ("Words", "shape.RowWords");
        }
        if (plan.Super is { } super)
        {
            int each = super.HasOffset ? 2 : 1;
            yield return ("Bytes", Times("shape.Groups", each));
            yield return (ArrayOf(super.Super.Type), Times("shape.Blocks", each));
        }
        else if (plan.Source == ScaleSource.Row)
        {
            yield return (ArrayOf(plan.Model.Scale!.Type), "1");
        }
        else if (plan.Scale is { } scale && plan.Source == ScaleSource.Group)
        {
            bool together = plan.Offset is { } second && second.Bytes == scale.Bytes;
            yield return (ArrayOf(scale.Type), Times("shape.Groups", together ? 2 : 1));
            if (plan.Offset is { } offset && !together)
            {
                yield return (ArrayOf(offset.Type), "shape.Groups");
            }
        }
    }

    private static string ArrayOf(ScaleType type) =>
        new ScalePlan(type, 0).Bytes switch
        {
            4 => "Floats",
            2 => "Halves",
            _ => "Bytes",
        };

    private static string Times(string count, int each) => each == 1 ? count : $"{count} * {each}";
}
