using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan;

/// <summary>Byte offsets, planes, constants and arms of a format: everything that emitters print, computed once.</summary>
internal sealed class BlockPlan
{
    /// <summary>Elements of a block where the scale does not set it: short rows waste at most so many codes.</summary>
    private const int UnscaledBlock = 32;

    public BlockPlan(FormatModel model)
    {
        Model = model;
        Source = model.Scale?.Group switch
        {
            null => ScaleSource.None,
            ScaleModel.Row => ScaleSource.Row,
            ScaleModel.Tensor => ScaleSource.Tensor,
            _ => ScaleSource.Group,
        };
        Group = Source == ScaleSource.Group ? model.Scale!.Group : UnscaledBlock;
        Groups = model.Layout.Groups;
        Levels = model.Element.Bits <= 8 ? LevelTable.Values(model.Element) : [];
        Place();
        Arms = model.Targets.HasFlag(KernelTargets.Cpu) ? ArmPlan.For(Group, Planes, model.Element) : [];
        if (model.Scale is { Rule: ScaleRule.GaussianOptimal })
        {
            GaussianScale = GaussianGrid.OptimalScale(SortedLevels);
        }
    }

    public FormatModel Model { get; }

    public ElementModel Element => Model.Element;

    public ScaleSource Source { get; }

    /// <summary>Elements per group.</summary>
    public int Group { get; }

    /// <summary>Groups per stored block.</summary>
    public int Groups { get; }

    /// <summary>Elements per stored block.</summary>
    public int Block => Group * Groups;

    public int BlockBytes { get; private set; }

    /// <summary>The fields of a block in stored order, with first byte and length.</summary>
    public IReadOnlyList<(BlockField Field, int Offset, int Bytes)> Fields { get; private set; } = [];

    /// <summary>The planes from the lowest bits of a code to the highest.</summary>
    public IReadOnlyList<PlanePlan> Planes { get; private set; } = [];

    /// <summary>The scales in the block, if they are there.</summary>
    public ScalePlan? Scale { get; private set; }

    public ScalePlan? Offset { get; private set; }

    public IReadOnlyList<ArmPlan> Arms { get; }

    /// <summary>Value of each code; empty for elements wider than 8 bits.</summary>
    public double[] Levels { get; }

    /// <summary>Levels of all bit patterns; patterns past the end of a codebook stand for its last value.</summary>
    public IEnumerable<double> LevelOfEveryCode =>
        Enumerable.Range(0, 1 << Element.Bits).Select(code => Levels[Math.Min(code, Levels.Length - 1)]);

    /// <summary>The finite values, each once, ascending.</summary>
    public double[] SortedLevels => [.. FiniteLevels.Distinct().OrderBy(level => level)];

    /// <summary>Largest magnitude of a level: what max|x| is mapped to.</summary>
    public double Top => FiniteLevels.Max(level => Math.Abs(level));

    public double Lowest => FiniteLevels.Min();

    public double Highest => FiniteLevels.Max();

    /// <summary>The optimal scale over a unit Gaussian, for the rule GaussianOptimal.</summary>
    public double? GaussianScale { get; }

    public ScaleType? TensorHeader =>
        Model.HasTensorScale ? ScaleType.Float32
        : Source == ScaleSource.Tensor ? Model.Scale!.Type
        : null;

    public int RowHeaderBytes => Source == ScaleSource.Row ? new ScalePlan(Model.Scale!.Type, 0).Bytes : 0;

    /// <summary>Whether packing searches for a scale of least error, which the importance of columns can weigh.</summary>
    public bool Searches => Source == ScaleSource.Group && Model.Scale!.Rule is ScaleRule.MinimiseError or ScaleRule.SignedMaxRefit;

    /// <summary>Whether scales follow from a few statistics, so that packing chooses those of 16 groups side by side.</summary>
    public bool PacksTiles =>
        Source == ScaleSource.Group && !Searches && (Offset is not null || Model.Scale!.Rule != ScaleRule.GaussianOptimal);

    /// <summary>Whether NaN and infinity are codes that packing may write.</summary>
    public bool HoldsNonFinite => Source == ScaleSource.None && Element is FloatElementModel { Specials: FloatSpecials.Ieee };

    /// <summary>The level of each code that packing may write, NaN for the others: symmetric integers leave one code unused.</summary>
    public IEnumerable<double> WrittenLevels
    {
        get
        {
            double lowest = Element is IntElementModel { Levels: IntLevels.Symmetric } integer
                ? integer.Lowest * Math.Pow(2, -integer.FractionBits)
                : double.NegativeInfinity;
            return Levels.Select(level => level < lowest ? double.NaN : level);
        }
    }

    private IEnumerable<double> FiniteLevels => WrittenLevels.Where(level => !double.IsNaN(level) && !double.IsInfinity(level));

    /// <summary>The fields that a format has, in default order.</summary>
    public static IEnumerable<BlockField> FieldsOf(FormatModel model)
    {
        if (model.SuperScale is not null)
        {
            yield return BlockField.SuperScale;
            if (model.Offset is not null)
            {
                yield return BlockField.SuperOffset;
            }
        }
        if (model.Scale is { Group: > 0 })
        {
            yield return BlockField.Scale;
        }
        if (model.Offset is not null && model.SuperScale is null)
        {
            yield return BlockField.Offset;
        }
        foreach ((BlockField field, _, _) in PlanesOf(model.Element.Bits))
        {
            yield return field;
        }
    }

    /// <summary>A code of b bits as planes: whole bytes, or a nibble, a pair and a bit, as b needs them.</summary>
    public static IEnumerable<(BlockField Field, int Bits, int Shift)> PlanesOf(int bits)
    {
        if (bits >= 8)
        {
            yield return (BlockField.Bytes, bits, 0);
            yield break;
        }
        int shift = 0;
        foreach ((BlockField field, int width) in new[] { (BlockField.Nibbles, 4), (BlockField.Pairs, 2), (BlockField.Bits, 1) })
        {
            if ((bits & width) != 0)
            {
                yield return (field, width, shift);
                shift += width;
            }
        }
    }

    private void Place()
    {
        LayoutModel layout = Model.Layout;
        var planes = PlanesOf(Element.Bits).ToDictionary(plane => plane.Field);
        var placed = new List<PlanePlan>();
        var fields = new List<(BlockField, int, int)>();
        int at = 0;
        foreach (BlockField field in layout.Fields.Count > 0 ? layout.Fields : FieldsOf(Model))
        {
            int perGroup;
            switch (field)
            {
                case BlockField.Scale:
                    Scale = new ScalePlan(Model.Scale!.Type, at);
                    perGroup = Scale.Bytes;
                    break;
                case BlockField.Offset:
                    Offset = new ScalePlan(Model.Offset!.Type, at);
                    perGroup = Offset.Bytes;
                    break;
                default:
                    (_, int bits, int shift) = planes[field];
                    CodeOrder order = field switch
                    {
                        BlockField.Nibbles => layout.Nibbles,
                        BlockField.Pairs => layout.Pairs,
                        BlockField.Bits => layout.Bits,
                        _ => CodeOrder.LowFirst,
                    };
                    perGroup = (Group * bits + 7) / 8;
                    placed.Add(new PlanePlan(field, bits, shift, order, at, perGroup));
                    break;
            }
            fields.Add((field, at, perGroup * Groups));
            at += perGroup * Groups;
        }
        BlockBytes = at;
        Fields = fields;
        Planes = [.. placed.OrderBy(plane => plane.Shift)];
    }
}
