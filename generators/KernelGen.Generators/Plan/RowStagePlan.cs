using System.Globalization;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Plan;

/// <summary>
/// The plan of a format that chooses among the weights of whole rows, outliers or those that are kept, and leaves the rest to a format
/// nested in it. What says which they are stands in front of the nested format's row.
/// </summary>
internal sealed class RowStagePlan
{
    public RowStagePlan(FormatModel model)
    {
        Model = model;
        Inner = new InnerFormat(InnerModel(model));
    }

    public FormatModel Model { get; }

    /// <summary>The nested format.</summary>
    public InnerFormat Inner { get; }

    /// <summary>The outliers, or null if the stage is a mask.</summary>
    public OutlierModel? Outliers => Model.Outliers;

    /// <summary>Name of the nested struct.</summary>
    public string InnerName => Inner.Model.TypeName;

    /// <summary>Columns to a block of the nested format.</summary>
    public int Block => Outliers is null ? Model.Scale!.Group : Inner.Block;

    /// <summary>Bytes of a block, its share of a bitmap included; outliers are counted by the row.</summary>
    public int BlockBytes => Inner.BlockBytes + (Outliers is null ? Block / 8 : 0);

    public int Group => Outliers is null ? Model.Scale!.Group : Inner.Group;

    /// <summary>Bits of codes and mask, rounded down so that scales are never counted among them.</summary>
    public int ElementBits => Outliers is null ? Math.Max(1, (Inner.Block * Model.Element.Bits + Block) / Block) : Inner.ElementBits;

    public string Family => Outliers is null ? (Model.Element.Bits > 8 ? "sparse" : "sparse-quantised") : Inner.Family;

    public (string Kind, string Text) Stage =>
        Outliers is { } outliers
            ? ("Outliers", $"{Words(100 * outliers.Fraction)} % of a row in {outliers.Type}, 25 bits each with their places")
            : ("Sparse", $"{Inner.Block} of {Block} kept, the largest of a row, bitmap");

    /// <summary>The stages after this one; the nested format's words about its elements are about kept ones.</summary>
    public IEnumerable<(string Kind, string Text)> Rest =>
        Inner.Stages.Select(stage =>
            stage.Kind == "Scale" && Outliers is null ? (stage.Kind, stage.Text.Replace(" elements", " kept values")) : stage
        );

    public string Drawing =>
        Outliers is { } outliers
            ? $"each row of n columns starts with ⌈{Words(outliers.Fraction)}·n⌉ outliers: what the blocks leave of them, {outliers.Type}; "
                + "places within 256 columns, a byte each; a one for each and a zero after every 256 columns"
            : $"each row starts with its bitmap, {Block / 8} B for every {Block} columns: bit i of byte j is set if weight 8j+i is kept; "
                + $"then blocks of {Inner.Block} kept weights:";

    public string Recipe =>
        Outliers is null
            ? $"{Inner.Recipe}; a row's activations of kept places are collected before, eight places by one permutation"
            : $"{Inner.Recipe}; then one multiplication and addition for each outlier";

    /// <summary>
    /// Rows repacked in memory are those of the nested format, with zeros in the places that a mask leaves out, and lists of what that does
    /// not hold: outliers, and kept values next to the end of a group, as scales are counted in kept values.
    /// </summary>
    public IntegerPlan? Integers
    {
        get
        {
            if (
                CodecPlans.For(Inner.Model) is not null
                || Inner.Model.Rotation is not null
                || Inner.Model.ChoosesInRows
                || !Model.Targets.HasFlag(KernelTargets.Cpu)
            )
            {
                return null;
            }
            BlockPlan elements = Elements;
            IntegerPlan? plan =
                Outliers is not null ? IntegerPlan.Of(elements)
                : elements.Source != ScaleSource.Group || elements.Offset is not null || ZeroCode < 0 || elements.Arms.Count == 0 ? null
                : IntegerPlan.Of(
                    elements.LevelOfEveryCode,
                    elements.Element.Bits,
                    IntegerPlan.ActivationGroup / 2,
                    elements.Scale!.Type == ScaleType.Float16,
                    hasOffsets: false
                );
            if (plan is not null)
            {
                plan.HasExceptions = true;
            }
            return plan;
        }
    }

    /// <summary>The nested format, which has elements.</summary>
    public BlockPlan Elements => new(Inner.Model);

    /// <summary>The code whose level is zero, or −1.</summary>
    public int ZeroCode => Array.IndexOf([.. Elements.LevelOfEveryCode], 0.0);

    private static FormatModel InnerModel(FormatModel model) =>
        model.Outliers is not null
            ? model.Inside(OutlierPlan.InnerName) with
            {
                Outliers = null,
            }
            : model.Inside(SparsePlan.InnerName) with
            {
                Sparse = null,
                Scale = model.Scale! with { Group = model.Sparse!.KeptOf(model.Scale.Group) },
            };

    private static string Words(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
