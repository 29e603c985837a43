using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>A block of a mask and of the kept weights, which a nested format codes as if they were a row.</summary>
internal sealed class SparsePlan : CodecPlan
{
    /// <summary>Name of the nested struct.</summary>
    public const string InnerName = "Kept";

    /// <summary>Elements of a block of kept weights without a scale; the length at which the widest kernels work.</summary>
    private const int UnscaledBlock = 32;

    private readonly InnerFormat _inner;

    public SparsePlan(FormatModel model)
        : base(model)
    {
        Sparse = model.Sparse!;
        Block = model.Scale is { } scale ? scale.Group * model.Layout.Groups : UnscaledBlock * Sparse.M;
        while (model.Scale is null && Block % 2 == 0 && Block / 2 % Sparse.M == 0 && Sparse.KeptOf(Block / 2) % UnscaledBlock == 0)
        {
            Block /= 2; // the smallest block that leaves no code unused
        }
        Kept = Sparse.KeptOf(Block);
        _inner = new InnerFormat(Inner!);
    }

    public SparseModel Sparse { get; }

    /// <summary>Weights kept of a block.</summary>
    public int Kept { get; }

    /// <summary>Bytes of the mask.</summary>
    public int MaskBytes => (MaskBits + 7) / 8;

    /// <summary>Bytes of the coded weights, which come first.</summary>
    public int CodeBytes => Kept / _inner.Block * _inner.BlockBytes;

    public override FormatModel? Inner =>
        Model.Inside(InnerName) with
        {
            Sparse = null,
            Scale = Model.Scale is { } scale ? scale with { Group = Sparse.KeptOf(scale.Group) } : null,
        };

    public override int Block { get; }

    public override IReadOnlyList<(string Name, int Bytes)> Fields => [.. CodeFields, ("mask", MaskBytes)];

    public override bool Searches => _inner.Searches;

    /// <summary>Codes and mask, rounded down so that scales are never counted among them.</summary>
    public override int ElementBits => Math.Max(1, (Kept * Model.Element.Bits + MaskBits) / Block);

    public override int Group => Model.Scale?.Group ?? 0;

    public override string Family => Model.Element.Bits > 8 ? "sparse" : "sparse-quantised";

    public override IEnumerable<(string Kind, string Text)> Stages
    {
        get
        {
            yield return (
                "Sparse",
                Sparse.M > 0 ? $"{Sparse.N}:{Sparse.M}{(Sparse.Pairs ? " by pairs" : "")}, {IndexWords}" : $"{Kept} of {Block} kept, bitmap"
            );
            foreach ((string kind, string text) in _inner.Stages.Where(stage => stage.Kind != "Layout"))
            {
                yield return (kind, kind == "Scale" ? text.Replace(" elements", " kept values") : text);
            }
            yield return ("Layout", string.Join(", ", Fields.Select(part => $"{part.Name} {part.Bytes} B")));
        }
    }

    public override IEnumerable<string> Notes =>
        [
            .. _inner.Drawing.Skip(5).Select(line => $"kept {line}"),
            Sparse.M == 0
                ? "mask: bit i of byte j is set if weight 8j+i is kept"
                : $"mask: {PatternBits} bits per {Sparse.M} weights from the low bits up, {IndexWords}",
        ];

    public override string Recipe => $"{_inner.Recipe}; the mask becomes a bitmap by a table, eight places are filled by one permutation";

    /// <summary>Rows repacked in memory are dense: kept codes, and the code of zero in the places between them.</summary>
    public override IntegerPlan? Integers =>
        Kept != _inner.Block || Model.Scale is null || Model.Offset is not null || ZeroCode < 0 || IntegerPlan.Of(Elements) is null
            ? null
            : IntegerPlan.Of(
                Elements.LevelOfEveryCode,
                Model.Element.Bits,
                Block,
                Elements.Scale!.Type == ScaleType.Float16,
                hasOffsets: false,
                Model.Element as FloatElementModel
            );

    /// <summary>The code whose level is zero, or −1.</summary>
    public int ZeroCode => Array.IndexOf([.. Elements.LevelOfEveryCode], 0.0);

    /// <summary>The nested format of kept weights.</summary>
    private BlockPlan Elements => new(Inner!);

    private int MaskBits => Sparse.M == 0 ? Block : Block / Sparse.M * PatternBits;

    /// <summary>Bits of the index of one pattern.</summary>
    private int PatternBits
    {
        get
        {
            if (Sparse.Index == SparseIndex.TwoBit)
            {
                return 4;
            }
            int unit = Sparse.Pairs ? 2 : 1,
                bits = 0,
                count = 1;
            for (int i = 1; i <= Sparse.N / unit; i++)
            {
                count = count * (Sparse.M / unit - Sparse.N / unit + i) / i;
            }
            while (1 << bits < count)
            {
                bits++;
            }
            return bits;
        }
    }

    private string IndexWords =>
        Sparse.Index == SparseIndex.TwoBit ? "the two places of a nibble, low first" : $"the number of the pattern in {PatternBits} bits";

    private IEnumerable<(string Name, int Bytes)> CodeFields =>
        Kept == _inner.Block ? _inner.Fields : [($"{Kept / _inner.Block} blocks of kept weights", CodeBytes)];
}
