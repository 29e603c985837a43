using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>A block of a nested format, followed by its outliers: places, then values.</summary>
internal sealed class OutlierPlan : CodecPlan
{
    /// <summary>Name of the nested struct.</summary>
    public const string InnerName = "Inliers";

    /// <summary>Largest block whose places are bytes, as in <c>OutlierCodec</c> of the runtime.</summary>
    private const int ByteBlock = 256;

    private readonly InnerFormat _inner;

    public OutlierPlan(FormatModel model)
        : base(model) => _inner = new InnerFormat(Inner!);

    public OutlierModel Outliers => Model.Outliers!;

    /// <summary>Outliers of a block.</summary>
    public int Count => Outliers.CountOf(Block);

    /// <summary>Bytes of the nested format's block, which come first.</summary>
    public int CodeBytes => _inner.BlockBytes;

    public override FormatModel? Inner => Model.Inside(InnerName) with { Outliers = null };

    public override int Block => _inner.Block;

    public override IReadOnlyList<(string Name, int Bytes)> Fields =>
        [.. _inner.Fields, ("places", Count * (Block <= ByteBlock ? 1 : 2)), ("outliers", 2 * Count)];

    public override bool Searches => _inner.Searches;

    public override int ElementBits => _inner.ElementBits;

    public override int Group => _inner.Group;

    public override string Family => _inner.Family;

    public override IEnumerable<(string Kind, string Text)> Stages
    {
        get
        {
            yield return ("Outliers", $"{Count} of {Block} in {Outliers.Type}");
            foreach ((string, string) stage in _inner.Stages.Where(stage => stage.Kind != "Layout"))
            {
                yield return stage;
            }
            yield return ("Layout", string.Join(", ", Fields.Select(part => $"{part.Name} {part.Bytes} B")));
        }
    }

    public override IEnumerable<string> Notes =>
        [
            .. _inner.Drawing.Skip(5),
            $"places: {Count} ascending indices of {(Block <= ByteBlock ? "a byte" : "two bytes")}; outliers: their values, "
                + $"{Outliers.Type}; codes at these places are those of zero",
        ];

    public override string Recipe => $"{_inner.Recipe}; then {Count} outliers overwrite their places";

    /// <summary>Rows repacked in memory are those of the nested format; outliers are what they lack.</summary>
    public override IntegerPlan? Integers
    {
        get
        {
            FormatModel inner = Inner!;
            IntegerPlan? plan =
                CodecPlans.For(inner) is not null || inner.Rotation is not null || inner.ChoosesInRows
                    ? null
                    : IntegerPlan.Of(new BlockPlan(inner));
            if (plan is not null)
            {
                plan.HasExceptions = true;
            }
            return plan;
        }
    }
}
