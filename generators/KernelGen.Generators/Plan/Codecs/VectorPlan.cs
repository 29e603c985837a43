using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>A block of codebook indices.</summary>
internal sealed class VectorPlan(FormatModel model) : ScaledBlockPlan(model)
{
    /// <summary>The grids of the runtime, <c>GaussianGrids.Grid{Dimension}x{Entries}</c>.</summary>
    public static IReadOnlyList<(int Dimension, int Entries)> Known { get; } =
    [(1, 16), (2, 16), (2, 64), (2, 256), (4, 16), (4, 256), (4, 4096)];

    public VectorElementModel Element => (VectorElementModel)Model.Element;

    public override string Family => "vector-codebook";

    /// <summary>Codes of a block.</summary>
    public int Vectors => Block / Element.Dimension;

    /// <summary>Scales that are tried for any block.</summary>
    private int Tried => Searches ? 3 : 1;

    /// <summary>The search looks at a part of the entries, of which there are more the higher the dimension is.</summary>
    public override int Candidates => Math.Max(1, Element.Entries / (Element.Dimension * Element.Dimension) * Tried / 4);

    public override IReadOnlyList<(string Name, int Bytes)> CodeFields => [("indices", (Vectors * Element.IndexBits + 7) / 8)];

    protected override string ElementText =>
        $"{Element.Entries} entries of dimension {Element.Dimension}, {Element.IndexBits} bit for {Element.Dimension} elements, least "
        + "error for a Gaussian";

    protected override string RuleText =>
        Searches ? $"the best of {Tried} multiples of the RMS, larger ones for outliers, refitted to the codes" : "the RMS";

    public override IEnumerable<string> Notes =>
        [
            $"indices: index i is bits {Element.IndexBits}i … {Element.IndexBits}i+{Element.IndexBits - 1}, bit k being bit k mod 8 of "
                + "byte k / 8; it codes elements "
                + (Element.Dimension == 1 ? "i" : $"{Element.Dimension}i … {Element.Dimension}i+{Element.Dimension - 1}"),
        ];

    public override string Recipe =>
        Element.Dimension is 2 or 4
            ? "indices unpacked, one vector load and one multiplication per entry"
            : "indices unpacked, one load and one multiplication per number";

    public override string? Interleaved =>
        Element.Entries <= 256
            ? "sums of all entries with the activations of an index, made once for all rows; "
                + "looked up by byte permutations, 64 rows at a time"
            : "one load and one multiplication an entry, eight rows side by side";
}
