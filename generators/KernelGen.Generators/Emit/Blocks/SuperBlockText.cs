using KernelGen.Generators.Emit.Cpu;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>A super-block: its numbers for the runtime, and the recipe that reads it, a loop per vector width.</summary>
internal static class SuperBlockText
{
    public static string Spec(SuperScalePlan plan)
    {
        var at = plan.Offsets.ToDictionary(field => field.Field, field => field.Offset);
        string[] properties =
        [
            $"Name = \"{plan.Model.Name}\"",
            $"Element = {InfoEmitter.Element(plan.Elements)}",
            $"Group = {Text.Int(plan.Group)}",
            $"Groups = {Text.Int(plan.Super.Groups)}",
            $"BlockBytes = {Text.Int(plan.BlockBytes)}",
            $"Scale = ScaleType.{plan.Model.Scale!.Type}",
            $"ScaleOffset = {Text.Int(at[BlockField.Scale])}",
            $"Order = SubScaleOrder.{plan.Super.Order}",
            $"Super = ScaleType.{plan.Super.Type}",
            $"SuperScaleOffset = {Text.Int(at[BlockField.SuperScale])}",
            .. plan.HasOffset ? [$"SuperOffsetOffset = {Text.Int(at[BlockField.SuperOffset])}"] : Array.Empty<string>(),
            .. plan.Searches ? ["MinimiseError = true"] : Array.Empty<string>(),
            $"Planes = [{string.Join(", ", plan.Planes.Select(plane =>
                $"new({at[plane.Field]}, {plane.Bits}, {plane.Shift}, CodeOrder.{plane.Order}, {plane.Span})"
            ))}]",
        ];
        return $$"""
            new()
                {
                    {{Text.Indent(string.Join(",\n", properties), 8)}},
                }
            """;
    }

    public static string Recipe(SuperScalePlan plan)
    {
        string widths = plan.Arms.Count == 0 ? "0" : string.Join(" | ", plan.Arms.Select(arm => Text.Int(arm.Bits)));
        var at = plan.Offsets.ToDictionary(field => field.Field, field => field.Offset);
        IEnumerable<string> places = plan
            .Offsets.Where(field => plan.Planes.Any(plane => plane.Field == field.Field))
            .Select(field => $"private const int {field.Field}Offset = {Text.Int(field.Offset)};");
        return $$"""
            /// <summary>The codes of this format, by vector width; KernelGen.Kernels.Coding.SuperScaleCodec has the rest.</summary>
            private readonly struct {{RecipeEmitter.StructName}} : ISuperBlockRecipe
            {
                {{Text.Indent(plan.Arms.Count == 0 ? "" : string.Join("\n", places), 4)}}

                public static int Widths => {{widths}};
                public static int Groups => {{Text.Int(plan.Super.Groups)}};
                public static int Entries => {{Text.Int(SubScaleLayout.Entries(plan.Model))}};
                public static ScaleType Super => ScaleType.{{plan.Super.Type}};
                public static int SuperScaleOffset => {{Text.Int(at[BlockField.SuperScale])}};
                {{(plan.HasOffset ? $"public static int SuperOffsetOffset => {Text.Int(at[BlockField.SuperOffset])};" : "")}}

                {{Text.Indent(plan.Arms.Count == 0 ? "" : Tables.Write(plan.Elements), 4)}}
                {{Text.Indent(string.Concat(plan.Arms.Select(arm => $"\n{CodeLoads.For(arm, SuperScaleArms.Write(plan, arm))}\n")), 4)}}
            }
            """;
    }
}
