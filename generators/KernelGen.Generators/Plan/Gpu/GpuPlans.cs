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
            reason = "its declaration leaves devices out by [Targets]";
            return null;
        }
        FormatModel stored = model.Rotation is null ? model : RotationPlan.Inner(model);
        GpuPlan plan = Coded(model, stored with { Outliers = null });
        return stored.Outliers switch
        {
            null => plan,
            // what they are added to need not be zero, and they lie apart from it: all that is coded goes with them
            { Scope: SelectionScope.Row } outliers => plan with { Outliers = new GpuOutlierPlan(outliers.Type, Adds: true) },
            _ => WithOutliers(plan, new OutlierPlan(stored), out reason),
        };
    }

    private static GpuPlan Coded(FormatModel model, FormatModel coded) =>
        coded.ChoosesInRows ? KeptOfRows(model, coded)
        : coded.Sparse is not null ? Kept(model, coded)
        : coded.SuperScale is not null ? Super(model, coded)
        : coded.Element is BlockElementModel ? Blocks(model, coded)
        : Scalar(model, new BlockPlan(coded));

    private static GpuPlan Scalar(FormatModel model, BlockPlan plan) =>
        Levels(new GpuPlan(model), plan) with
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

    private static EquatableArray<GpuPlanePlan> Planes(BlockPlan plan) =>
        new(plan.Planes.Select(plane => new GpuPlanePlan(plane.Bits, plane.Shift, plane.Order, plan.Group, plane.Offset)));

    private static GpuScalePlan? Scales(BlockPlan plan, ScalePlan? field) =>
        field is null ? null : new GpuScalePlan(field.Type, field.Offset, plan.Groups, plan.BlockBytes);

    /// <summary>The element of a plan: integers and floats are bits in their places, codebooks are looked up.</summary>
    private static GpuPlan Levels(GpuPlan plan, BlockPlan elements) =>
        plan with
        {
            Element = elements.Element,
            Kind =
                elements.Element is IntElementModel ? GpuLevelKind.Integer
                : elements.Element.Bits > 8 ? GpuLevelKind.Float
                : elements.Element is FloatElementModel { Bias: >= 0 and <= 253 } ? GpuLevelKind.SmallFloat
                : GpuLevelKind.Table,
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
                plan.Block,
                plan.BlockBytes,
                new(plan.Planes.Select(plane => new GpuPlanePlan(plane.Bits, plane.Shift, plane.Order, plane.Span, offsets[plane.Field]))),
                new([]),
                0,
                0,
                0,
                0
            ),
            CodesPerUnit = GpuPlan.Unit,
            Fields = new(plan.Planes.Select(plane => (plane.Bits, plane.Shift))),
            Group = plan.Group,
            Super = plan,
        };
    }

    private static GpuPlan Blocks(FormatModel model, FormatModel coded)
    {
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
            Levels = new(block is TernaryPlan ? [-1, 0, 1] : []),
        };
        GpuCodesPlan Side(int bits, int secondOffset = 0, int secondBits = 0) =>
            new(block.Block, block.BlockBytes, new([]), new([]), block.CodesOffset, bits, secondOffset, secondBits);
        switch (block)
        {
            case SignPlan:
                return plan with { Kind = GpuLevelKind.Integer, Codes = Side(1), Fields = new([(1, 0)]) };
            case TernaryPlan { Element.Code: TernaryCode.NeighbourPairs }:
                return plan with { Kind = GpuLevelKind.Integer, Codes = Side(2), Fields = new([(2, 0)]) };
            case TernaryPlan ternary:
                // five in a byte take divisions apart: two bits each on a device
                return plan with
                {
                    Kind = GpuLevelKind.Integer,
                    Fields = new([(2, 0)]),
                    Codes = Side(0) with
                    {
                        Trits = new(
                            ternary.Planes.Select(plane =>
                                (plane.First, plane.Count, block.CodesOffset + plane.Offset, plane.Bytes, plane.Digits)
                            )
                        ),
                        TritPairs = ternary.Element.Code == TernaryCode.Pairs,
                    },
                };
            case VectorPlan vector:
                int perUnit = GpuPlan.Unit / vector.Element.Dimension;
                return plan with
                {
                    Kind = GpuLevelKind.Entry,
                    Codes = Side(vector.Element.IndexBits),
                    CodesPerUnit = perUnit,
                    Fields = new(Wide(perUnit, vector.Element.IndexBits)),
                };
            case LatticePlan lattice:
                int second = lattice.HasSecondStage ? lattice.SecondBytes * 8 : 0;
                return plan with
                {
                    Kind = GpuLevelKind.Lattice,
                    Codes = Side(16, lattice.CodesOffset + 2 * lattice.Codes, second),
                    CodesPerUnit = GpuPlan.Unit / 8,
                    Fields = new(
                        second switch
                        {
                            0 => [(16, 0)],
                            8 => [(16, 0), (8, 16)],
                            _ => [(32, 0)],
                        }
                    ),
                };
            default:
                return plan with { Kind = GpuLevelKind.Ring, CodesPerUnit = 0, Ring = (block.CodesOffset, block.CodeBytes * 8) };
        }
    }

    /// <summary>Codes of a unit in as few records as have one load each: of four words or a multiple, of two, of one.</summary>
    private static IEnumerable<(int Bits, int Shift)> Wide(int perUnit, int bits)
    {
        for (int shift = 0; shift < bits; )
        {
            int words = perUnit * (bits - shift) / 32,
                record = words >= 4 ? words / 4 * 4
                : words >= 2 ? 2
                : words;
            yield return (record * 32 / perUnit, shift);
            shift += record * 32 / perUnit;
        }
    }

    /// <summary>Masks of blocks. Patterns that fit units have codes at fixed places; all others are counted.</summary>
    private static GpuPlan Kept(FormatModel model, FormatModel coded)
    {
        var sparse = new SparsePlan(coded);
        var inner = new BlockPlan(sparse.Inner!);
        (int n, int m, int bits) = (sparse.Sparse.N, sparse.Sparse.M, Widened(inner));
        int perUnit = m > 0 && GpuPlan.Unit % m == 0 && sparse.Block % GpuPlan.Unit == 0 ? GpuPlan.Unit / m * n : 0;
        // an offset is for kept weights alone
        bool pattern = perUnit > 0 && perUnit * bits % 32 == 0 && n * bits <= 32 && inner.Offset is null;
        return Masked(model, inner) with
        {
            Block = sparse.Block,
            BlockBytes = sparse.BlockBytes,
            CodesPerUnit = pattern ? perUnit : 0,
            CodesPerBlock = pattern ? 0 : sparse.Kept,
            Mask = pattern ? GpuMaskKind.Pattern : GpuMaskKind.Ranked,
            Group = coded.Scale is { Group: > 0 } scale ? scale.Group : 0,
            Sparse = sparse,
        };
    }

    /// <summary>A mask of whole rows: blocks hold so many of the kept weights, wherever in the row those lie, and so do groups.</summary>
    private static GpuPlan KeptOfRows(FormatModel model, FormatModel coded)
    {
        var stage = new RowStagePlan(coded);
        var inner = new BlockPlan(stage.Inner.Model);
        return Masked(model, inner) with
        {
            Block = stage.Block,
            BlockBytes = inner.BlockBytes,
            CodesPerBlock = inner.Block,
            Mask = GpuMaskKind.Ranked,
            Group = stage.Group,
            KeptGroup = inner.Group,
            MasksRows = true,
        };
    }

    private static GpuPlan Masked(FormatModel model, BlockPlan inner) =>
        Levels(new GpuPlan(model), inner) with
        {
            Codes = new GpuCodesPlan(inner.Block, inner.BlockBytes, Planes(inner), new([]), 0, 0, 0, 0),
            Fields = new([(Widened(inner), 0)]),
            Source = inner.Source,
            Scale = Scales(inner, inner.Scale),
            Offset = Scales(inner, inner.Offset),
        };

    /// <summary>Codes of 3, 5, 6 or 7 bits are widened, so that none crosses a word.</summary>
    private static int Widened(BlockPlan inner) => new[] { 1, 2, 4, 8, 16, 32 }.First(width => width >= inner.Element.Bits);

    private static GpuPlan? WithOutliers(GpuPlan plan, OutlierPlan outliers, out string reason)
    {
        int zero = plan.Levels.ToList().FindIndex(level => level == 0);
        reason =
            plan.Kind is not (GpuLevelKind.Integer or GpuLevelKind.Table or GpuLevelKind.SmallFloat) || plan.Levels.Count == 0
                ? "its stage Outliers chooses in blocks over elements that are coded together or have no table, for which devices have no "
                    + "recipe; SelectionScope.Row has one"
            : zero < 0 || plan.HasOffset
                ? "its stage Outliers chooses in blocks over "
                    + $"{(plan.HasOffset ? "groups with offsets" : "elements without a level of zero")}, and a device puts zero in their "
                    + "places; SelectionScope.Row has a recipe"
            : "";
        return reason.Length > 0
            ? null
            : plan with
            {
                BlockBytes = outliers.BlockBytes,
                Outliers = new GpuOutlierPlan(outliers.Outliers.Type, Adds: false)
                {
                    Stored = (outliers.Count, outliers.CodeBytes),
                    ZeroCode = zero,
                },
            };
    }
}
