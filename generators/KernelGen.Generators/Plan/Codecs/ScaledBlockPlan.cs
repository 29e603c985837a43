using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>A block is one group: its scale, and codes in units of it.</summary>
internal abstract class ScaledBlockPlan(FormatModel model) : CodecPlan(model)
{
    public ScaleModel Scale => Model.Scale!;

    public sealed override int Block => Scale.Group;

    public sealed override int Group => Scale.Group;

    public sealed override int ElementBits => Math.Max(1, Model.Element.Bits);

    public int ScaleBytes => new ScalePlan(Scale.Type, 0).Bytes;

    /// <summary>The codes' fields in stored order.</summary>
    public abstract IReadOnlyList<(string Name, int Bytes)> CodeFields { get; }

    public int CodeBytes => CodeFields.Sum(part => part.Bytes);

    /// <summary>Whether the scale lies before the codes, as without a layout.</summary>
    public bool ScaleFirst => Model.Layout.Fields.Count == 0 || Model.Layout.Fields[0] == BlockField.Scale;

    public int ScaleOffset => ScaleFirst ? 0 : CodeBytes;

    public int CodesOffset => ScaleFirst ? ScaleBytes : 0;

    /// <summary>Whether several scales are tried and the best is refitted.</summary>
    public override bool Searches => Scale.Rule == ScaleRule.MinimiseError;

    public override IReadOnlyList<(string Name, int Bytes)> Fields =>
        ScaleFirst ? [("scale", ScaleBytes), .. CodeFields] : [.. CodeFields, ("scale", ScaleBytes)];

    /// <summary>The integer kernels' plan for levels −1, 0 and 1; 2 is what two bits in damaged bytes can say.</summary>
    protected IntegerPlan? TernaryIntegers =>
        Model.Targets.HasFlag(KernelTargets.Cpu)
            ? IntegerPlan.Of([-1, 0, 1, 2], 2, Group, Scale.Type == ScaleType.Float16, hasOffsets: false)
            : null;

    /// <summary>The element in words.</summary>
    protected abstract string ElementText { get; }

    /// <summary>What the scale's rule means here, in words.</summary>
    protected abstract string RuleText { get; }

    public sealed override IEnumerable<(string Kind, string Text)> Stages =>
        [
            (((BlockElementModel)Model.Element).Attribute, ElementText),
            (
                "Scale",
                $"{Scale.Type} per {Group} elements, {Scale.Rule}: "
                    + $"{RuleText}{(Scale.Use == ScaleUse.Unrounded ? ", codes by the unrounded scale" : "")}"
            ),
            ("Layout", string.Join(", ", Fields.Select(part => $"{part.Name} {part.Bytes} B"))),
        ];
}
