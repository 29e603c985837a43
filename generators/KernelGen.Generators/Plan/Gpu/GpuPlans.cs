using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Plan.Gpu;

/// <summary>Model to GPU plan. What has no recipe says why, as the end of a sentence.</summary>
internal static class GpuPlans
{
    public static GpuPlan? Of(FormatModel model, out string reason)
    {
        reason = "";
        if (!model.Targets.HasFlag(KernelTargets.Gpu))
        {
            reason = "its declaration asks for others by [Targets]";
            return null;
        }
        FormatModel stored = model.Rotation is null ? model : RotationPlan.Inner(model);
        if (stored.ChoosesInRows || stored.Sparse is { Scope: SelectionScope.Row })
        {
            reason = "it chooses among the weights of whole rows, which has no recipe for devices; SelectionScope.Block has one";
            return null;
        }
        OutlierPlan? outliers = stored.Outliers is null ? null : new OutlierPlan(stored);
        FormatModel coded = outliers?.Inner ?? stored;
        GpuPlan? plan = coded.Sparse is not null ? Kept(model, coded, out reason)
            : coded.SuperScale is not null ? Super(model, coded)
            : coded.Element is BlockElementModel ? Blocks(model, coded, out reason)
            : Scalar(model, new BlockPlan(coded));
        return plan is null || outliers is null ? plan : WithOutliers(plan, outliers, out reason);
    }

    private static GpuPlan Scalar(FormatModel model, BlockPlan plan) => Levels(new GpuPlan(model), plan) with
    {
        Block = plan.Block,
        BlockBytes = plan.BlockBytes,
        Codes = new GpuCodesPlan(plan.Block, plan.BlockBytes, Planes(plan), new([]), 0, 0, 0, 0),
        CodesPerUnit = GpuPlan.Unit,
        Fields = new(plan.Planes.Select(plane => (plane.Bits, plane.Shift))),
        Source = plan.Source,
        Group = plan.Source == ScaleSource.Group ? plan.Group : 0,
        Scale = Scales(plan, plan.Scale),
        Offset = Scales(plan, plan.Offset),
    };

    private static EquatableArray<GpuPlanePlan> Planes(BlockPlan plan)
        => new(plan.Planes.Select(plane => new GpuPlanePlan(plane.Bits, plane.Shift, plane.Order, plan.Group, plane.Offset)));

    private static GpuScalePlan? Scales(BlockPlan plan, ScalePlan? field)
        => field is null ? null : new GpuScalePlan(field.Type, field.Offset, plan.Groups, plan.BlockBytes);

    /// <summary>The element of a plan: integers are converted, wide floats are bits, all others are looked up.</summary>
    private static GpuPlan Levels(GpuPlan plan, BlockPlan elements) => plan with
    {
        Element = elements.Element,
        Kind = elements.Element is IntElementModel ? GpuLevelKind.Integer : elements.Element.Bits > 8 ? GpuLevelKind.Float : GpuLevelKind.Table,
        Levels = new(elements.Element.Bits <= 8 ? elements.LevelOfEveryCode : []),
    };

    private static GpuPlan Super(FormatModel model, FormatModel coded)
    {
        var plan = new SuperScalePlan(coded);
        var offsets = plan.Offsets.ToDictionary(field => field.Field, field => field.Offset);
        return Levels(new GpuPlan(model), plan.Elements) with
        {
            Block = plan.Block,
            BlockBytes = plan.BlockBytes,
            Codes = new GpuCodesPlan(
                plan.Block, plan.BlockBytes, new(plan.Planes.Select(plane => new GpuPlanePlan(plane.Bits, plane.Shift, plane.Order, plane.Span, offsets[plane.Field]))),
                new([]), 0, 0, 0, 0),
            CodesPerUnit = GpuPlan.Unit,
            Fields = new(plan.Planes.Select(plane => (plane.Bits, plane.Shift))),
            Group = plan.Group,
            Super = plan,
        };
    }

    private static GpuPlan? Blocks(FormatModel model, FormatModel coded, out string reason)
    {
        reason = "";
        var block = (ScaledBlockPlan)CodecPlans.For(coded)!;
        var plan = new GpuPlan(model)
        {
            Block = block.Block,
            BlockBytes = block.BlockBytes,
            Element = coded.Element,
            Source = ScaleSource.Group,
            Group = block.Block,
            Scale = new GpuScalePlan(block.Scale.Type, block.ScaleOffset, 1, block.BlockBytes),
            CodesPerUnit = GpuPlan.Unit,
        };
        GpuCodesPlan Side(int bits, int secondOffset = 0, int secondBits = 0)
            => new(block.Block, block.BlockBytes, new([]), new([]), block.CodesOffset, bits, secondOffset, secondBits);
        switch (block)
        {
            case SignPlan:
                return plan with { Kind = GpuLevelKind.Integer, Codes = Side(1), Fields = new([(1, 0)]) };
            case TernaryPlan ternary when ternary.Element.Code == TernaryCode.Base3:
                // five in a byte take divisions apart: two bits each on a device
                return plan with
                {
                    Kind = GpuLevelKind.Integer,
                    Fields = new([(2, 0)]),
                    Codes = Side(0) with { Trits = new(ternary.Planes.Select(plane => (plane.First, plane.Count, block.CodesOffset + plane.Offset, plane.Bytes, plane.Digits))) },
                };
            case TernaryPlan { Element.Code: TernaryCode.NeighbourPairs }:
                return plan with { Kind = GpuLevelKind.Integer, Codes = Side(2), Fields = new([(2, 0)]) };
            case TernaryPlan ternary:
                if (ternary.Planes.Select(plane => plane.Bytes).Distinct().Count() > 1 || ternary.Planes[0].Bytes * 4 * ternary.Planes.Count != block.Block)
                {
                    reason = "the repacking of ternary pairs wants planes of equal size without a rest";
                    return null;
                }
                return plan with
                {
                    Kind = GpuLevelKind.Integer,
                    Fields = new([(2, 0)]),
                    Codes = Side(0) with { Planes = new([new GpuPlanePlan(2, 0, CodeOrder.Split, ternary.Planes[0].Bytes * 4, block.CodesOffset)]) },
                };
            case VectorPlan vector:
                return plan with { Kind = GpuLevelKind.Entry, Codes = Side(vector.Element.IndexBits), CodesPerUnit = GpuPlan.Unit / vector.Element.Dimension, Fields = new([(vector.Element.IndexBits, 0)]) };
            case LatticePlan lattice:
                int second = lattice.HasSecondStage ? lattice.SecondBytes * 8 : 0;
                return plan with
                {
                    Kind = GpuLevelKind.Lattice,
                    Codes = Side(16, lattice.CodesOffset + 2 * lattice.Codes, second),
                    CodesPerUnit = GpuPlan.Unit / 8,
                    Fields = new(second switch { 0 => [(16, 0)], 8 => [(16, 0), (8, 16)], _ => [(32, 0)] }),
                };
            default:
                if (block.Block % GpuPlan.Unit != 0)
                {
                    reason = $"a trellis on a device wants blocks of a multiple of {GpuPlan.Unit} weights";
                    return null;
                }
                return plan with { Kind = GpuLevelKind.Ring, CodesPerUnit = 0, Ring = (block.CodesOffset, block.CodeBytes * 8) };
        }
    }

    private static GpuPlan? Kept(FormatModel model, FormatModel coded, out string reason)
    {
        reason = "";
        var sparse = new SparsePlan(coded);
        var inner = new BlockPlan(sparse.Inner!);
        int group = coded.Scale is { Group: > 0 } scale ? scale.Group : 0;
        if (sparse.Block % GpuPlan.Unit != 0 || group % GpuPlan.Unit != 0 || (sparse.Sparse.M > 0 && GpuPlan.Unit % sparse.Sparse.M != 0))
        {
            reason = $"sparsity on a device wants blocks, groups and patterns that fit units of {GpuPlan.Unit} weights";
            return null;
        }
        if (inner.Offset is not null)
        {
            // what is not kept would get the offset
            reason = "sparsity on a device wants no offsets";
            return null;
        }
        // codes of 3, 5, 6 or 7 bits are widened, so that none crosses a word
        int bits = new[] { 1, 2, 4, 8, 16, 32 }.First(width => width >= inner.Element.Bits);
        int perUnit = sparse.Sparse.M > 0 ? GpuPlan.Unit / sparse.Sparse.M * sparse.Sparse.N : 0;
        bool pattern = perUnit * bits % 32 == 0 && sparse.Sparse.N * bits <= 32 && perUnit > 0;
        return Levels(new GpuPlan(model), inner) with
        {
            Block = sparse.Block,
            BlockBytes = sparse.BlockBytes,
            Codes = new GpuCodesPlan(inner.Block, inner.BlockBytes, Planes(inner), new([]), 0, 0, 0, 0),
            CodesPerUnit = pattern ? perUnit : 0,
            CodesPerBlock = pattern ? 0 : sparse.Kept,
            Fields = new([(bits, 0)]),
            Mask = pattern ? GpuMaskKind.Pattern : GpuMaskKind.Bitmap,
            Source = inner.Source,
            Group = group,
            Scale = Scales(inner, inner.Scale),
            Offset = Scales(inner, inner.Offset),
            Sparse = sparse,
        };
    }

    private static GpuPlan? WithOutliers(GpuPlan plan, OutlierPlan outliers, out string reason)
    {
        int zero = plan.Levels.ToList().FindIndex(level => level == 0);
        reason = plan.Mask != GpuMaskKind.None ? "outliers on top of sparsity have no recipe for devices"
            : plan.Kind is not (GpuLevelKind.Integer or GpuLevelKind.Table) || plan.Levels.Count == 0 ? "outliers have a recipe for devices over elements that are coded one by one only"
            : zero < 0 || plan.HasOffset ? "outliers on a device want a level of zero"
            : plan.Block % GpuPlan.Unit != 0 ? $"outliers on a device want blocks of a multiple of {GpuPlan.Unit} weights" : "";
        return reason.Length > 0 ? null : plan with { Outliers = outliers, ZeroCode = zero, BlockBytes = outliers.BlockBytes };
    }
}
