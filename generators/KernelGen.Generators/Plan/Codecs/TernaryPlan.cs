using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>A block of ternary elements in planes.</summary>
internal sealed class TernaryPlan(FormatModel model) : ScaledBlockPlan(model)
{
    public TernaryElementModel Element => (TernaryElementModel)Model.Element;

    public override string Family => "ternary";

    /// <summary>The planes: first element, elements, first byte, bytes, elements per byte.</summary>
    public IReadOnlyList<(int First, int Count, int Offset, int Bytes, int Digits)> Planes => PlanesOf(Element, Block);

    public override IReadOnlyList<(string Name, int Bytes)> CodeFields =>
        Element.Code == TernaryCode.Base3 && Planes.Count > 1
            ? [.. Planes.Select((plane, i) => ($"trits{i}", plane.Bytes))]
            : [(Element.Code == TernaryCode.Base3 ? "trits" : "pairs", Planes.Sum(plane => plane.Bytes))];

    protected override string ElementText =>
        Element.Code switch
        {
            TernaryCode.Base3 => "-1, 0, 1; five in a byte",
            _ => "-1, 0, 1; four in a byte",
        };

    protected override string RuleText =>
        Scale.Rule switch
        {
            ScaleRule.AbsMax => "the largest magnitude",
            ScaleRule.MinimiseError => "the best of all, exactly",
            _ => "best multiple of the RMS for a Gaussian",
        };

    public override IEnumerable<string> Notes =>
        Element.Code == TernaryCode.NeighbourPairs
            ? ["pairs: element + 1; byte j holds elements 4j … 4j+3 from its low bits up"]
            : Planes.Select(plane =>
            {
                string elements = string.Join(
                    ", ",
                    Enumerable
                        .Range(0, plane.Digits)
                        .Select(n => plane.First + n * plane.Bytes == 0 ? "j" : $"j+{plane.First + n * plane.Bytes}")
                );
                string order =
                    Element.Code == TernaryCode.Base3 ? "digits of a fraction of 243 to base 3" : "element + 1 from its low bits up";
                return $"byte {(plane.Offset == 0 ? "j" : $"{plane.Offset}+j")}, j < {plane.Bytes}: elements {elements}, {order}";
            });

    public override string Recipe =>
        Element.Code == TernaryCode.Base3 ? "digits by comparing and tripling 32 bytes at a time, widened and multiplied"
        : Element.Code == TernaryCode.Pairs ? "pairs masked 16 bytes at a time, widened and multiplied"
        : "pairs of a 32-bit word shifted lane by lane";

    /// <summary>The planes of a block; the last takes what the others leave.</summary>
    public static IReadOnlyList<(int First, int Count, int Offset, int Bytes, int Digits)> PlanesOf(TernaryElementModel element, int block)
    {
        var planes = new List<(int, int, int, int, int)>();
        int[] sizes = element.Planes.Count == 0 ? [(block + element.PerByte - 1) / element.PerByte] : [.. element.Planes];
        int first = 0,
            offset = 0;
        foreach (int bytes in sizes)
        {
            int count = Math.Min(block - first, bytes * element.PerByte);
            planes.Add((first, count, offset, bytes, (count + bytes - 1) / Math.Max(1, bytes)));
            first += count;
            offset += bytes;
        }
        return planes;
    }

    public override IntegerPlan? Integers => TernaryIntegers;
}
