using KernelGen.Generators.Emit;
using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>A super-block: codes of one element each in planes, integer scales (and offsets) per group, one or two super-scales.</summary>
internal sealed class SuperScalePlan : CodecPlan
{
    private readonly (BlockField Field, int Offset, int Bytes)[] _fields;

    public SuperScalePlan(FormatModel model)
        : base(model)
    {
        Super = model.SuperScale!;
        Block = Super.Groups * Group;
        // Levels, tables and recipes of the element are those of an ordinary format.
        Elements = new BlockPlan(
            model with
            {
                SuperScale = null,
                Offset = null,
                Layout = LayoutModel.Default,
                Scale = new(ScaleType.Float16, Group, ScaleRule.AbsMax, ScaleUse.Stored),
            }
        );
        (_fields, Planes) = Place();
        Arms = model.Targets.HasFlag(KernelTargets.Cpu)
            ? [.. new[] { 16, 8, 4 }.Where(Fits).Select(lanes => new ArmPlan(lanes, Segment))]
            : [];
    }

    public SuperScaleModel Super { get; }

    public BlockPlan Elements { get; }

    /// <summary>The planes from the lowest bits of a code to the highest.</summary>
    public IReadOnlyList<SpanPlane> Planes { get; }

    /// <summary>The vector widths that the spans allow, widest first.</summary>
    public IReadOnlyList<ArmPlan> Arms { get; }

    public override bool Searches => Model.Scale!.Rule == ScaleRule.MinimiseError;

    public bool HasOffset => Model.Offset is not null;

    /// <summary>After so many elements the pattern of bytes and shifts repeats.</summary>
    public int Period => Planes.Where(plane => plane.IsSplit).Select(plane => plane.Span).Aggregate(Group, (a, b) => a / Divisor(a, b) * b);

    /// <summary>Neighbouring elements whose codes sit at the same shifts in all planes.</summary>
    public int Segment => Planes.Where(plane => plane.IsSplit).Select(plane => plane.Stride).Aggregate(Period, Divisor);

    public override int Block { get; }

    public override int Group => Model.Scale!.Group;

    public override int ElementBits => Model.Element.Bits;

    public override string Family => Emit.Stages.Family(Model);

    public override IReadOnlyList<(string Name, int Bytes)> Fields =>
        [.. _fields.Select(part => (part.Field.ToString().ToLowerInvariant(), part.Bytes))];

    public IEnumerable<(BlockField Field, int Offset)> Offsets => _fields.Select(part => (part.Field, part.Offset));

    public int SubScaleBytes => _fields.Single(part => part.Field == BlockField.Scale).Bytes;

    public override IEnumerable<(string Kind, string Text)> Stages
    {
        get
        {
            yield return Emit.Stages.Of(Elements).First();
            yield return ("Scale", $"{Model.Scale!.Type} per {Group} elements, {Model.Scale.Rule}");
            if (HasOffset)
            {
                yield return ("Offset", $"{Model.Offset!.Type} per {Group} elements, subtracted");
            }
            yield return (
                "SuperScale",
                $"{Super.Type} per {Super.Groups} groups{(HasOffset ? ", one for scales and one for offsets" : "")}"
            );
            yield return ("Layout", string.Join(", ", _fields.Select(part => $"{part.Field} {part.Bytes} B")));
        }
    }

    public override IEnumerable<string> Notes =>
        [
            $"scale: {SubScaleLayout.Describe(Model)}",
            .. Planes.Select(plane => $"{plane.Field.ToString().ToLowerInvariant()}: {plane.Describe()}"),
        ];

    public override string Recipe =>
        $"integer scales times super-scale; {Emit.Cpu.ElementRecipes.Describe(Model.Element)}; level times "
        + $"scale{(HasOffset ? " less offset" : "")}";

    public override IReadOnlyList<int> VectorWidths => [.. Arms.Select(arm => arm.Bits)];

    public override IntegerPlan? Integers =>
        Arms.Count == 0 ? null : IntegerPlan.Of(Elements.LevelOfEveryCode, ElementBits, Group, halfScales: false, HasOffset);

    /// <summary>The greatest common divisor.</summary>
    private static int Divisor(int a, int b) => b == 0 ? a : Divisor(b, a % b);

    private bool Fits(int lanes) => Segment % lanes == 0 && ArmPlan.For(Group, [], Model.Element).Any(arm => arm.Lanes == lanes);

    private ((BlockField, int, int)[], IReadOnlyList<SpanPlane>) Place()
    {
        var parts = BlockPlan.PlanesOf(Model.Element.Bits).ToDictionary(plane => plane.Field);
        var fields = new List<(BlockField, int, int)>();
        var planes = new List<SpanPlane>();
        int superBytes = new ScalePlan(Super.Type, 0).Bytes,
            at = 0;
        foreach (BlockField field in Model.Layout.Fields.Count > 0 ? Model.Layout.Fields : BlockPlan.FieldsOf(Model))
        {
            int bytes;
            if (field is BlockField.SuperScale or BlockField.SuperOffset)
            {
                bytes = superBytes;
            }
            else if (field == BlockField.Scale)
            {
                bytes = SubScaleLayout.Entries(Model) * SubScaleLayout.Bits(Model.Scale!.Type) / 8;
            }
            else
            {
                (_, int bits, int shift) = parts[field];
                bytes = Block * bits / 8;
                planes.Add(Plane(field, bits, shift));
            }
            fields.Add((field, at, bytes));
            at += bytes;
        }
        return ([.. fields], [.. planes.OrderBy(plane => plane.Shift)]);
    }

    private SpanPlane Plane(BlockField field, int bits, int shift)
    {
        LayoutModel layout = Model.Layout;
        (CodeOrder order, int span) = field switch
        {
            BlockField.Nibbles => (layout.Nibbles, layout.NibblesSpan),
            BlockField.Pairs => (layout.Pairs, layout.PairsSpan),
            BlockField.Bits => (layout.Bits, layout.BitsSpan),
            _ => (CodeOrder.LowFirst, 0),
        };
        return new SpanPlane(field, bits, shift, span > 0 ? CodeOrder.Split : order, span > 0 ? span : Block);
    }
}

/// <summary>One plane of a super-block.</summary>
/// <param name="Field">Which plane.</param>
/// <param name="Bits">Bits of every code that it holds: 1, 2, 4 or 8.</param>
/// <param name="Shift">Lowest of them in the code.</param>
/// <param name="Order">Where codes sit within a span.</param>
/// <param name="Span">Elements after which the plane's next bytes start; only Split order has spans.</param>
internal sealed record SpanPlane(BlockField Field, int Bits, int Shift, CodeOrder Order, int Span)
{
    public bool IsSplit => Bits < 8 && Order == CodeOrder.Split;

    /// <summary>Bytes of a span: elements in neighbouring bits of a byte are so far apart.</summary>
    public int Stride => Span * Bits / 8;

    public string Describe()
    {
        if (Bits >= 8)
        {
            return "byte j holds element j";
        }
        string codeBits = Bits == 1 ? $"bit {Shift} of the code" : $"bits {Shift}-{Shift + Bits - 1} of the code";
        int perByte = 8 / Bits;
        string place = Order switch
        {
            CodeOrder.Split => $"in each span of {Span} elements byte j holds elements "
                + string.Join(", ", Enumerable.Range(0, perByte).Select(part => part == 0 ? "j" : $"j+{part * Stride}"))
                + " from its low bits up",
            CodeOrder.LowFirst => $"byte j holds elements {perByte}j … {perByte}j+{perByte - 1} from its low bits up",
            _ => $"byte j holds elements {perByte}j … {perByte}j+{perByte - 1} from its high bits down",
        };
        return $"{codeBits}; {place}";
    }
}
