using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>A trellis block: the scale and one ring of bits.</summary>
internal sealed class TrellisPlan(FormatModel model) : ScaledBlockPlan(model)
{
    public TrellisElementModel Element => (TrellisElementModel)Model.Element;

    public override string Family => "trellis";

    public override IReadOnlyList<(string Name, int Bytes)> CodeFields => [("ring", Block / 16 * Element.BitsPer16 / 8)];

    /// <summary>Every search goes through all states for every weight; finding the seam looks at a part of the block.</summary>
    public override int Candidates => Element.States * (1 + Element.Refinements);

    protected override string ElementText =>
        $"{Element.Rate.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture)} bit, {Element.States} states, tail-biting, "
        + $"{Element.Refinements} refinement(s)";

    protected override string RuleText =>
        Searches
            ? "best multiple of the RMS for a Gaussian, larger ones for outliers, refitted to the codes"
            : "best multiple of the RMS for a Gaussian";

    public override IEnumerable<string> Notes =>
        [
            $"ring: bit i is bit i mod 8 of byte i / 8; the state of weight t is the {Element.StateBits} bits from bit ⌊t · "
                + $"{Element.BitsPer16} / 16⌋ on, round the end",
        ];

    public override string Recipe =>
        "windows of the bits by two loads, a shuffle and a shift; permuted by two multiplications; Gaussian quantile by parabolas";

    public override string? Interleaved =>
        "words of 16 rows side by side hold the windows of eight or four weights; states shifted out, then the same code";
}
