using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Codecs;
using KernelGen.Kernels.Coding;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Recipes;
using ScaleSource = KernelGen.Kernels.Recipes.ScaleSource;

namespace KernelGen.Cli.Design;

/// <summary>What generated code states about a format, as objects: the coder of a declaration that no one has compiled.</summary>
internal static class CandidateCoder
{
    /// <summary>The coder of a legal declaration.</summary>
    public static RowCoder Of(FormatModel model)
    {
        if (model.Rotation is { } rotation)
        {
            return RowCoder.Rotated(new(rotation.Size, rotation.Seed), Of(RotationPlan.Inner(model)));
        }
        if (model.ChoosesInRows)
        {
            var stage = new RowStagePlan(model);
            RowCoder inner = Of(stage.Inner.Model);
            return stage.Outliers is { } outliers
                ? RowCoder.Chosen(new RowOutliers(outliers.Fraction, As<ScaleType>(outliers.Type)), inner)
                : RowCoder.Chosen(new RowMask(model.Sparse!.Density, stage.Block), inner);
        }
        return CodecPlans.For(model) switch
        {
            null => RowCoder.Elements(Spec(new BlockPlan(model))),
            OutlierPlan plan => RowCoder.Outliers(plan.Count, As<ScaleType>(plan.Outliers.Type), Of(plan.Inner!)),
            SparsePlan plan => RowCoder.Sparse(Mask(plan), Of(plan.Inner!)),
            SuperScalePlan plan => RowCoder.Blocks(BlockCodec.SuperScales(Spec(plan)), plan.Block, plan.BlockBytes),
            ScaledBlockPlan plan => RowCoder.Blocks(Codec(plan), plan.Block, plan.BlockBytes),
            { } plan => throw new InvalidOperationException($"No coder for {plan}."),
        };
    }

    /// <summary>A word of the vocabulary, which generator and runtime compile each for itself.</summary>
    public static T As<T>(Enum word)
        where T : struct, Enum => (T)Enum.ToObject(typeof(T), Convert.ToInt32(word, null));

    private static ElementSpec Spec(BlockPlan plan) =>
        new()
        {
            Name = plan.Model.Name,
            Element = Grid(plan),
            Group = plan.Group,
            Groups = plan.Groups,
            BlockBytes = plan.BlockBytes,
            Planes = [.. plan.Planes.Select(p => new CodePlane(p.Bits, p.Shift, As<CodeOrder>(p.Order), p.Offset, p.BytesPerGroup))],
            Source = As<ScaleSource>(plan.Source),
            Scale = plan.Model.Scale is { } scale ? As<ScaleType>(scale.Type) : default,
            ScaleOffset = plan.Scale?.Offset ?? 0,
            Rule = plan.Model.Scale is { } ruled ? As<ScaleRule>(ruled.Rule) : default,
            Unrounded = plan.Model.Scale?.Use == Generators.Model.ScaleUse.Unrounded,
            Offset = plan.Offset is { } offset ? As<ScaleType>(offset.Type) : null,
            OffsetOffset = plan.Offset?.Offset ?? 0,
            HasTensorScale = plan.Model.HasTensorScale,
            GaussianScale = plan.GaussianScale ?? 0,
        };

    private static ElementGrid Grid(BlockPlan plan) =>
        plan.Element switch
        {
            IntElementModel e => ElementGrid.Integer(
                e.Bits,
                As<IntLevels>(e.Levels),
                As<IntCode>(e.Code),
                As<TieRule>(e.Ties),
                e.FractionBits
            ),
            FloatElementModel e => ElementGrid.Float(
                e.Exponent,
                e.Mantissa,
                e.Bias,
                As<FloatSpecials>(e.Specials),
                As<TieRule>(e.Ties),
                e.NegativeZero,
                plan.HoldsNonFinite
            ),
            CodebookElementModel e => ElementGrid.Codebook(e.Bits, [.. e.Values]),
            { } e => throw new InvalidOperationException($"No levels for {e}."),
        };

    private static SuperBlockSpec Spec(SuperScalePlan plan)
    {
        var at = plan.Offsets.ToDictionary(field => field.Field, field => field.Offset);
        return new()
        {
            Name = plan.Model.Name,
            Element = Grid(plan.Elements),
            Group = plan.Group,
            Groups = plan.Super.Groups,
            BlockBytes = plan.BlockBytes,
            Scale = As<ScaleType>(plan.Model.Scale!.Type),
            ScaleOffset = at[Generators.Model.BlockField.Scale],
            Order = As<SubScaleOrder>(plan.Super.Order),
            Super = As<ScaleType>(plan.Super.Type),
            SuperScaleOffset = at[Generators.Model.BlockField.SuperScale],
            SuperOffsetOffset = plan.HasOffset ? at[Generators.Model.BlockField.SuperOffset] : null,
            MinimiseError = plan.Searches,
            Planes =
            [
                .. plan.Planes.Select(p => new Kernels.Recipes.SpanPlane(at[p.Field], p.Bits, p.Shift, As<CodeOrder>(p.Order), p.Span)),
            ],
        };
    }

    private static SparseBlock Mask(SparsePlan plan) =>
        plan.Sparse.M == 0
            ? SparseBlock.Bitmap(plan.Kept, plan.Block)
            : SparseBlock.Pattern(plan.Sparse.N, plan.Sparse.M, plan.Sparse.Pairs, As<SparseIndex>(plan.Sparse.Index), plan.Block);

    private static BlockCodec Codec(ScaledBlockPlan plan)
    {
        (string name, int block) = (plan.Model.Name, plan.Block);
        var parts = new ScaledBlock(As<ScaleType>(plan.Scale.Type), plan.ScaleOffset, plan.CodesOffset);
        return plan switch
        {
            SignPlan => BlockCodec.Signs(name, block, parts, plan.Searches),
            LatticePlan { Element: { } e } => BlockCodec.Lattice(name, block, parts, e.Bits, plan.Searches),
            TernaryPlan { Element: { } e } ternary => BlockCodec.Ternary(
                name,
                block,
                parts,
                As<TernaryCode>(e.Code),
                As<ScaleRule>(plan.Scale.Rule),
                plan.Scale.Use == Generators.Model.ScaleUse.Unrounded,
                [.. ternary.Planes.Select(p => new TernaryPart(p.First, p.Count, p.Offset, p.Bytes, p.Digits))]
            ),
            TrellisPlan { Element: { } e } => BlockCodec.Trellis(
                name,
                new(e.BitsPer16, e.StateBits, block),
                parts,
                e.Refinements,
                plan.Searches
            ),
            VectorPlan { Element: { } e } => BlockCodec.Vectors(name, block, parts, e.Dimension, Entries(e), plan.Searches),
            _ => throw new InvalidOperationException($"No coder for {plan}."),
        };
    }

    private static ReadOnlySpan<float> Entries(VectorElementModel element) =>
        (element.Dimension, element.Entries) switch
        {
            (1, 16) => GaussianGrids.Grid1x16,
            (2, 16) => GaussianGrids.Grid2x16,
            (2, 64) => GaussianGrids.Grid2x64,
            (2, 256) => GaussianGrids.Grid2x256,
            (4, 16) => GaussianGrids.Grid4x16,
            (4, 256) => GaussianGrids.Grid4x256,
            (4, 4096) => GaussianGrids.Grid4x4096,
            _ => throw new InvalidOperationException($"No entries for {element}."),
        };
}
