using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Gpu;

namespace KernelGen.Generators.Emit.Ilgpu;

/// <summary>The repacked layout as data: what the runtime needs to make the arrays.</summary>
internal static class LayoutText
{
    public static string Write(GpuPlan plan)
    {
        string fields = string.Join("\n", Fields(plan).Select(line => line + ","));
        return $$"""
            /// <summary>The kernels and how stored bytes are repacked for them.</summary>
            public static GpuKernels Kernels { get; } = GpuKernels.Of<Decoder<PlainMath>, Decoder<PtxMath>>(new GpuLayout
            {
                {{Text.Indent(fields, 4)}}
            });
            """;
    }

    private static IEnumerable<string> Fields(GpuPlan plan)
    {
        yield return $"Block = {plan.Block}";
        yield return $"BlockBytes = {plan.BlockBytes}";
        if (plan.Codes is { } codes)
        {
            yield return $"Codes = {Codes(codes)}";
        }
        if (plan.CodesPerUnit > 0)
        {
            yield return $"CodesPerUnit = {plan.CodesPerUnit}";
        }
        if (IntegerText.Flip(plan) is > 0 and var flip)
        {
            yield return $"Flip = {flip}u";
        }
        if (plan.CodesPerBlock > 0)
        {
            yield return $"CodesPerBlock = {plan.CodesPerBlock}";
        }
        if (plan.Fields.Count > 0)
        {
            yield return $"Fields = [{string.Join(", ", plan.Fields.Select(field => $"new({field.Bits}, {field.Shift})"))}]";
        }
        if (plan.Group > 0)
        {
            yield return $"Group = {plan.Group}";
        }
        if (plan.Scale is { } scale)
        {
            yield return $"Scale = {Scale(scale)}";
        }
        if (plan.Offset is { } offset)
        {
            yield return $"Offset = {Scale(offset)}";
        }
        if (plan.Source == Plan.ScaleSource.Row)
        {
            yield return $"RowScale = ScaleType.{plan.Model.Scale!.Type}";
        }
        foreach (string line in Stages(plan))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Stages(GpuPlan plan)
    {
        if (plan.Super is { } super)
        {
            var at = super.Offsets.ToDictionary(field => field.Field, field => field.Offset);
            yield return $"SubScales = new(ScaleType.{super.Model.Scale!.Type}, SubScaleOrder.{super.Super.Order}, "
                + $"{at[BlockField.Scale]}, {Text.Bool(super.HasOffset)}, "
                + $"ScaleType.{super.Super.Type}, {at[BlockField.SuperScale]}, {(super.HasOffset ? at[BlockField.SuperOffset] : 0)})";
        }
        if (plan.Sparse is { } sparse)
        {
            yield return sparse.Sparse.M == 0
                ? $"Mask = static () => SparseBlock.Bitmap(kept: {sparse.Kept}, size: {sparse.Block})"
                : $"Mask = static () => SparseBlock.Pattern({sparse.Sparse.N}, {sparse.Sparse.M}, pairs: "
                    + $"{(sparse.Sparse.Pairs ? "true" : "false")}, SparseIndex.{sparse.Sparse.Index}, size: {sparse.Block})";
            yield return $"MaskOffset = {sparse.CodeBytes}";
        }
        if (plan.MasksRows)
        {
            yield return "MasksRows = true";
        }
        if (plan.Outliers is { Adds: false } outliers)
        {
            yield return $"Outliers = new({outliers.Stored.Count}, {outliers.Stored.Offset}, {outliers.ZeroCode}u)";
        }
        if (plan.Ring.Bits > 0)
        {
            yield return $"RingOffset = {plan.Ring.Offset}";
            yield return $"RingBits = {plan.Ring.Bits}";
        }
        switch (plan.Kind)
        {
            case GpuLevelKind.Table:
                yield return $"Table = static () => [\n    {Text.Indent(Text.Rows(plan.Levels.Select(Text.Float)), 4)}\n]";
                break;
            case GpuLevelKind.Entry:
                var vector = (VectorElementModel)plan.Element;
                yield return $"Table = static () => GaussianGrids.Grid{vector.Dimension}x{vector.Entries}.ToArray()";
                break;
            case GpuLevelKind.Lattice:
                yield return "Patterns = GpuTables.E8P";
                if (plan.Fields.Count > 1)
                {
                    yield return "Table = static () => E8PResidual.SmallEntries.ToArray()";
                }
                break;
            case GpuLevelKind.Ring:
                yield return $"Table = static () => GpuTables.Trellis({((TrellisElementModel)plan.Element).StateBits})";
                break;
        }
        if (plan.Model.Rotation is { } rotation)
        {
            yield return $"Rotation = {rotation.Size}";
            yield return $"RotationSeed = {rotation.Seed}u";
        }
    }

    private static string Codes(GpuCodesPlan codes)
    {
        if (codes.Planes.Count > 0)
        {
            string planes = string.Join(
                ", ",
                codes.Planes.Select(plane => $"new({plane.Bits}, {plane.Shift}, CodeOrder.{plane.Order}, {plane.Span}, {plane.Offset})")
            );
            return $"new PlaneCodes({codes.Count}, {codes.Bytes}, [{planes}])";
        }
        if (codes.Trits.Count > 0)
        {
            IEnumerable<string> trits = codes.Trits.Select(plane =>
                $"new({plane.First}, {plane.Count}, {plane.Offset}, {plane.Bytes}, {plane.Digits})"
            );
            return $"new TritCodes(pairs: {Text.Bool(codes.TritPairs)}, [{string.Join(", ", trits)}])";
        }
        return codes.SecondBits == 0
            ? $"new BitCodes({codes.BitOffset}, {codes.Bits})"
            : $"new BitCodes({codes.BitOffset}, {codes.Bits}, {codes.SecondOffset}, {codes.SecondBits})";
    }

    private static string Scale(GpuScalePlan scale) => $"new(ScaleType.{scale.Type}, {scale.Offset}, {scale.PerBlock}, {scale.BlockBytes})";
}
