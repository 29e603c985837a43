using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>A block of E8P codes, in one stage or two.</summary>
internal sealed class LatticePlan(FormatModel model) : ScaledBlockPlan(model)
{
    public LatticeElementModel Element => (LatticeElementModel)Model.Element;

    public override string Family => "lattice";

    /// <summary>Codes of a block and stage.</summary>
    public int Codes => Block / 8;

    public bool HasSecondStage => Element.Bits > 2;

    /// <summary>Bytes of a second-stage code.</summary>
    public int SecondBytes => Element.Bits - 2;

    /// <summary>Scales that are tried for any block.</summary>
    private int Tried => Searches ? 3 : 1;

    /// <summary>A code compares 512 patterns for 8 weights.</summary>
    public override int Candidates => 64 * Tried;

    public override IReadOnlyList<(string Name, int Bytes)> CodeFields =>
        HasSecondStage ? [("first", Codes * 2), ("second", Codes * SecondBytes)] : [("codes", Codes * 2)];

    protected override string ElementText =>
        Element.Bits switch
        {
            2 => "16 bit for 8 elements, 65536 points",
            3 => "16 bit for 8 elements, then 8 bit for what they leave",
            _ => "16 bit for 8 elements, then 16 bit for what they leave",
        };

    protected override string RuleText =>
        Searches
            ? $"the best of {Tried} multiples of the RMS, larger ones for outliers, refitted to the codes"
            : "best multiple of the RMS for a Gaussian";

    public override IEnumerable<string> Notes
    {
        get
        {
            yield return (HasSecondStage ? "first" : "codes")
                + ": little-endian 16 bits for elements 8i … 8i+7: pattern in bits 0-7, signs of the first seven in 8-14, shift by ¼ in 15";
            if (HasSecondStage)
            {
                yield return Element.Bits == 3
                    ? "second: byte i is one of 256 points of E8 for elements 8i … 8i+7"
                    : "second: as the first";
            }
        }
    }

    public override string Recipe => "eight bytes of a table of 256 patterns widened, signs by a shift per lane, one addition";

    /// <summary>Coordinates of a point of the first stage are odd numbers of quarters, −15 … 15; repacked rows hold one a nibble.</summary>
    /// <remarks> So are those of a second stage, and the halves of the small one are such numbers less a quarter, which is the offset of
    /// its groups.
    /// </remarks>
    public override IntegerPlan? Integers
    {
        get
        {
            bool half = Scale.Type == ScaleType.Float16 && !HasSecondStage;
            IntegerPlan? plan = IntegerPlan.Of(
                Enumerable.Range(0, 16).Select(code => (2 * code - 15) * 0.25),
                4,
                Group,
                half,
                hasOffsets: SecondBytes == 1
            );
            if (plan is null || !Model.Targets.HasFlag(KernelTargets.Cpu))
            {
                return null;
            }
            plan.Stages = HasSecondStage ? 2 : 1;
            return plan;
        }
    }
}
