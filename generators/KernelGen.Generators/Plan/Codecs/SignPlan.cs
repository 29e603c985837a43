using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>A block of signs.</summary>
internal sealed class SignPlan(FormatModel model) : ScaledBlockPlan(model)
{
    public override string Family => "binary";

    public override IReadOnlyList<(string Name, int Bytes)> CodeFields => [("signs", Block / 8)];

    protected override string ElementText => "-1, 1; eight in a byte";

    protected override string RuleText => Searches ? "the mean magnitude, which is best" : "best multiple of the RMS for a Gaussian";

    public override IEnumerable<string> Notes => ["signs: bit j mod 8 of byte j / 8 is element j, 1 for +scale"];

    public override string Recipe => "bits of a 16-bit word shifted lane by lane to the sign of the scale";

    public override IntegerPlan? Integers => TernaryIntegers;
}
