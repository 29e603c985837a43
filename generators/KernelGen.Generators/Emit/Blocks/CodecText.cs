using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit.Blocks;

/// <summary>The expression that makes the runtime's coder of a block, from the numbers of a plan.</summary>
internal static class CodecText
{
    public static string Of(CodecPlan plan)
    {
        string name = $"\"{plan.Model.Name}\"";
        return plan switch
        {
            OutlierPlan outliers => $"BlockCodec.Outliers<{OutlierPlan.InnerName}>({name}, count: {Text.Int(outliers.Count)}, "
                + $"ScaleType.{outliers.Outliers.Type})",
            SparsePlan sparse => $"BlockCodec.Sparse<{SparsePlan.InnerName}>({name}, {Mask(sparse)}{ZeroCode(sparse)})",
            SuperScalePlan super => $"BlockCodec.SuperScales<{Cpu.RecipeEmitter.StructName}>({SuperBlockText.Spec(super)})",
            ScaledBlockPlan block => Scaled(name, block),
            _ => throw new InvalidOperationException($"No codec for {plan}."),
        };
    }

    private static string Scaled(string name, ScaledBlockPlan plan)
    {
        string parts =
            $"new(ScaleType.{plan.Scale.Type}, ScaleOffset: {Text.Int(plan.ScaleOffset)}, CodesOffset: {Text.Int(plan.CodesOffset)})";
        string block = $"block: {Text.Int(plan.Block)}",
            searches = $"searches: {Text.Bool(plan.Searches)}";
        return plan switch
        {
            SignPlan => $"BlockCodec.Signs({name}, {block}, {parts}, {searches})",
            LatticePlan lattice => $"BlockCodec.Lattice({name}, {block}, {parts}, bits: {Text.Int(lattice.Element.Bits)}, {searches})",
            TernaryPlan ternary => Ternary(name, block, parts, ternary),
            TrellisPlan { Element: { } trellis } => $$"""
                BlockCodec.Trellis(
                        {{name}},
                        new(bitsPer16: {{trellis.BitsPer16}}, stateBits: {{trellis.StateBits}}, blockLength: {{plan.Block}}),
                        {{parts}},
                        refinements: {{Text.Int(trellis.Refinements)}},
                        {{searches}})
                """,
            VectorPlan { Element: { } vector } => $$"""
                BlockCodec.Vectors(
                        {{name}},
                        {{block}},
                        {{parts}},
                        dimension: {{Text.Int(vector.Dimension)}},
                        GaussianGrids.Grid{{vector.Dimension}}x{{vector.Entries}},
                        {{searches}})
                """,
            _ => throw new InvalidOperationException($"No codec for {plan}."),
        };
    }

    private static string Ternary(string name, string block, string parts, TernaryPlan plan) =>
        $$"""
            BlockCodec.Ternary(
                    {{name}},
                    {{block}},
                    {{parts}},
                    TernaryCode.{{plan.Element.Code}},
                    ScaleRule.{{plan.Scale.Rule}},
                    unrounded: {{Text.Bool(plan.Scale.Use == ScaleUse.Unrounded)}},
                    [{{string.Join(", ", plan.Planes.Select(Plane))}}])
            """;

    private static string Plane((int First, int Count, int Offset, int Bytes, int Digits) plane) =>
        $"new({plane.First}, {plane.Count}, {plane.Offset}, {plane.Bytes}, {plane.Digits})";

    private static string Mask(SparsePlan plan) =>
        plan.Sparse.M == 0
            ? $"SparseBlock.Bitmap(kept: {plan.Kept}, size: {plan.Block})"
            : $"SparseBlock.Pattern({plan.Sparse.N}, {plan.Sparse.M}, pairs: {Text.Bool(plan.Sparse.Pairs)}, "
                + $"SparseIndex.{plan.Sparse.Index}, size: {plan.Block})";

    private static string ZeroCode(SparsePlan plan) => plan.Integers is null ? "" : $", zeroCode: {Text.Int(plan.ZeroCode)}";
}
