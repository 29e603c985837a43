using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;
using KernelGen.Generators.Plan.Gpu;

namespace KernelGen.Generators.Emit.Ilgpu;

/// <summary>The method that decodes a unit: wide loads first, then 32 levels written out.</summary>
internal static class DecodeText
{
    private const string Components = "XYZW";

    public static string Write(GpuPlan plan) =>
        $$"""
            /// <summary>The levels of 32 weights: {{LevelText.Describe(plan)}}.</summary>
            public static GpuUnit Decode(GpuSource source, GpuShape shape, int unit)
            {
                {{Text.Indent(Unit(plan, Body(plan)), 4)}}
            }

            /// <inheritdoc/>
            public static GpuUnit DecodeToSum(GpuSource source, GpuShape shape, int unit)
            {
                {{Text.Indent(ToSum(plan), 4)}}
            }
            """;

    /// <summary>NaN of E4M3 is looked for in a word of four codes, not in each: it makes a sum NaN wherever it is.</summary>
    private static string ToSum(GpuPlan plan)
    {
        if (
            plan is not { Kind: GpuLevelKind.SmallFloat, Mask: GpuMaskKind.None, Fields.Count: 1 }
            || plan.Element is not FloatElementModel { Specials: FloatSpecials.NanOnly, Bits: 8 } element
        )
        {
            return "return Decode(source, shape, unit);";
        }
        string found = string.Join(" | ", Enumerable.Range(0, 8).Select(w => $"GpuNumbers.WithoutZeros({Word(8, w)})"));
        string first = $"levels.A.X = ({found}) != 0u ? Interop.IntAsFloat(0x7FC00000u) : levels.A.X;";
        return Unit(plan, SmallFloats(plan, element with { Specials = FloatSpecials.None }) + "\n" + first);
    }

    private static string Unit(GpuPlan plan, string body) =>
        $"{Loads(plan)}\nGpuUnit levels = default;\n{(body + "\n" + GpuScaleText.Cut(plan)).TrimEnd('\n')}\nreturn levels;";

    /// <summary>Where weight i of a unit is.</summary>
    public static string Place(int weight) => $"levels.{Quad(weight)}.{Components[weight % 4]}";

    public static char Quad(int weight) => (char)('A' + weight / 4);

    private static string Body(GpuPlan plan) =>
        (plan.Mask, plan.Kind) switch
        {
            (GpuMaskKind.Pattern, _) => Pattern(plan),
            (GpuMaskKind.Ranked, _) => RankedText.Write(plan),
            (_, GpuLevelKind.Entry) => Entries(plan),
            (_, GpuLevelKind.Lattice) => Lattice(plan),
            (_, GpuLevelKind.Ring) => Ring(plan),
            _ when IntegerText.Has(plan) => IntegerText.Levels(plan),
            (_, GpuLevelKind.SmallFloat) when plan.Fields.Count == 1 => SmallFloats(plan, (FloatElementModel)plan.Element),
            _ => string.Join("\n", Enumerable.Range(0, GpuPlan.Unit).Select(i => $"{Place(i)} = {LevelText.Of(plan, Code(plan, i))};")),
        };

    /// <summary>Each code is shifted to the top of a word; what lies below is masked out. E5M2 is the upper half of binary16.</summary>
    private static string SmallFloats(GpuPlan plan, FloatElementModel element)
    {
        int bits = plan.Fields[0].Bits;
        if (element is { Exponent: 5, Mantissa: 2, Bias: 15, Specials: FloatSpecials.Ieee })
        {
            return string.Join("\n", Enumerable.Range(0, 8).Select(w => UpperHalves(Word(8, w), w)));
        }
        return string.Join(
            "\n",
            Enumerable
                .Range(0, GpuPlan.Unit)
                .Select(i =>
                {
                    int first = i * bits,
                        up = 32 - bits - first % 32;
                    string top = Word(Words(plan, 0), first / 32) + (up == 0 ? "" : $" << {up}");
                    return $"{Place(i)} = {LevelText.Small(element, top, bits)};";
                })
        );
    }

    /// <summary>Four bytes of a word as upper halves of binary16 numbers; what lies above 16 bits is ignored.</summary>
    private static string UpperHalves(string word, int w) =>
        $"""
            uint even{w} = {word} << 8 & 0xFF00FF00u;
            uint odd{w} = {word} & 0xFF00FF00u;
            {Place(4 * w)} = TMath.FromHalf(even{w});
            {Place(4 * w + 1)} = TMath.FromHalf(odd{w});
            {Place(4 * w + 2)} = TMath.FromHalf(even{w} >> 16);
            {Place(4 * w + 3)} = TMath.FromHalf(odd{w} >> 16);
            """;

    /// <summary>Lines that load the codes of a unit, and its mask.</summary>
    public static string Loads(GpuPlan plan)
    {
        var lines = new List<string>();
        if (plan.Mask != GpuMaskKind.None)
        {
            lines.Add("long record = (long)source.Row * shape.Units + unit;");
        }
        for (int f = 0; f < plan.Fields.Count && plan.CodesPerUnit > 0; f++)
        {
            int words = Words(plan, f);
            if (words % 4 == 0)
            {
                if (words > 4)
                {
                    lines.Add($"ArrayView<U4> own = source.Quads.SubView(unit * {words / 4}, {words / 4});");
                }
                lines.AddRange(
                    Enumerable
                        .Range(0, words / 4)
                        .Select(q => $"U4 {Name(words, q)} = {(words == 4 ? "source.Quads[unit]" : $"own[{q}]")};")
                );
            }
            else if (words == 2)
            {
                lines.Add($"U2 {Name(words, 0)} = source.Pairs[unit];");
            }
            else
            {
                lines.AddRange(
                    Enumerable
                        .Range(0, words)
                        .Select(w => $"uint word{w} = source.Words[{(words == 1 ? "unit" : $"unit * {words} + {w}")}];")
                );
            }
        }
        if (plan.Mask != GpuMaskKind.None)
        {
            lines.Add("uint mask = source.Extra[record];");
        }
        return string.Join("\n", lines);
    }

    private static int Words(GpuPlan plan, int field) => plan.CodesPerUnit * plan.Fields[field].Bits / 32;

    private static string Name(int words, int quad) =>
        words == 2 ? "pair"
        : words == 4 ? "quad"
        : $"quad{quad}";

    /// <summary>Text of word w of a field's record.</summary>
    public static string Word(int words, int w) =>
        words % 4 == 0 ? $"{Name(words, w / 4)}.{Components[w % 4]}"
        : words == 2 ? $"pair.{Components[w]}"
        : $"word{w}";

    /// <summary>Text of code i, from all its fields.</summary>
    private static string Code(GpuPlan plan, int i)
    {
        IEnumerable<string> parts = plan.Fields.Select(
            (field, f) =>
            {
                string bits = Bits(Words(plan, f), BitOf(plan, field.Bits, i), field.Bits);
                return field.Shift == 0 ? bits : $"({bits}) << {field.Shift}";
            }
        );
        return string.Join(" | ", parts);
    }

    /// <summary>Where a code's bits of a field are, as <c>GpuLayout.BitOf</c> puts them.</summary>
    private static int BitOf(GpuPlan plan, int bits, int i)
    {
        int row = i / 8 * bits;
        return bits < 4 && plan.CodesPerUnit == GpuPlan.Unit ? row / 4 * 32 + i % 8 * 4 + row % 4 : i * bits;
    }

    /// <summary>Text of some bits of a record, over a word's end if they cross it.</summary>
    private static string Bits(int words, int first, int count)
    {
        int shift = first % 32;
        string low = shift == 0 ? Word(words, first / 32) : $"{Word(words, first / 32)} >> {shift}";
        if (shift + count > 32)
        {
            low = $"({low} | {Word(words, first / 32 + 1)} << {32 - shift})";
        }
        return shift + count == 32 || count == 32 ? low : $"{low} & {Mask(count)}u";
    }

    private static string Mask(int bits) => Text.Int((1 << bits) - 1);

    /// <summary>The codes of m weights start at a fixed bit; each kept weight takes the lowest of those that are left.</summary>
    private static string Pattern(GpuPlan plan)
    {
        int bits = plan.Fields[0].Bits,
            m = plan.Sparse!.Sparse.M,
            n = plan.Sparse.Sparse.N,
            words = Words(plan, 0);
        var lines = new List<string> { "uint kept;", "uint keep;" };
        for (int start = 0; start < GpuPlan.Unit; start += m)
        {
            lines.Add($"kept = {Bits(words, start / m * n * bits, n * bits)};");
            for (int i = start; i < start + m; i++)
            {
                lines.Add($"keep = mask {(i == 0 ? "" : $">> {i} ")}& 1u;");
                lines.Add($"{Place(i)} = keep != 0u ? {LevelText.Of(plan, bits == 32 ? "kept" : $"kept & {Mask(bits)}u")} : 0f;");
                if (i < start + m - 1)
                {
                    lines.Add(bits == 32 ? "" : $"kept = keep != 0u ? kept >> {bits} : kept;");
                }
            }
        }
        return string.Join("\n", lines.Where(line => line.Length > 0));
    }

    private static string Entries(GpuPlan plan)
    {
        int dimension = ((VectorElementModel)plan.Element).Dimension;
        var lines = new List<string> { "int entry;" };
        for (int i = 0; i < plan.CodesPerUnit; i++)
        {
            string code = Code(plan, i);
            lines.Add($"entry = (int)({code}){(dimension == 1 ? "" : $" * {dimension}")};");
            lines.AddRange(
                Enumerable.Range(0, dimension).Select(d => $"{Place(i * dimension + d)} = source.Table[entry{(d == 0 ? "" : $" + {d}")}];")
            );
        }
        return string.Join("\n", lines);
    }

    private static string Lattice(GpuPlan plan)
    {
        int bits = ((LatticeElementModel)plan.Element).Bits;
        var lines = new List<string>();
        for (int i = 0; i < plan.CodesPerUnit; i++)
        {
            char low = Quad(8 * i),
                high = Quad(8 * i + 4);
            string first = bits == 4 ? $"{Word(4, i)} & 65535u" : Bits(2, i * 16, 16);
            lines.Add($"levels.{low} = GpuLattice.Low(source.Extra, {first});");
            lines.Add($"levels.{high} = GpuLattice.High(source.Extra, {first});");
            if (bits == 3)
            {
                string second = Bits(1, i * 8, 8);
                lines.Add($"levels.{low} = GpuLattice.AddEntry(levels.{low}, source.Table, (int)({second}) * 8, Ratio);");
                lines.Add($"levels.{high} = GpuLattice.AddEntry(levels.{high}, source.Table, (int)({second}) * 8 + 4, Ratio);");
            }
            else if (bits == 4)
            {
                lines.Add($"levels.{low} = GpuLattice.Add(levels.{low}, GpuLattice.Low(source.Extra, {Word(4, i)} >> 16), Ratio);");
                lines.Add($"levels.{high} = GpuLattice.Add(levels.{high}, GpuLattice.High(source.Extra, {Word(4, i)} >> 16), Ratio);");
            }
        }
        return string.Join("\n", lines);
    }

    /// <summary>
    /// The words of a unit's windows are loaded once, and shifted to where a word begins if its bits do not begin with one.
    /// </summary>
    private static string Ring(GpuPlan plan)
    {
        var element = (TrellisElementModel)plan.Element;
        int units = plan.Block / GpuPlan.Unit,
            words = (plan.Ring.Bits + 31) / 32 + 2,
            perUnit = 2 * element.BitsPer16;
        int last = (31 * element.BitsPer16 >> 4) + element.StateBits;
        bool aligned = perUnit % 32 == 0;
        int count = (last + 31) / 32;
        var lines = new List<string> { $"int ring = unit / {units} * {words} + (unit % {units} * {perUnit} >> 5);" };
        if (aligned)
        {
            lines.AddRange(Enumerable.Range(0, count).Select(w => $"uint word{w} = source.Words[ring{(w == 0 ? "" : $" + {w}")}];"));
        }
        else
        {
            lines.Add($"int shift = unit % {units} * {perUnit} & 31;");
            lines.AddRange(
                Enumerable
                    .Range(0, count)
                    .Select(w => $"uint word{w} = GpuNumbers.Window(source.Words, ring{(w == 0 ? "" : $" + {w}")}, shift);")
            );
        }
        lines.AddRange(
            Enumerable
                .Range(0, GpuPlan.Unit)
                .Select(i => $"{Place(i)} = source.Table[(int)({Bits(1, i * element.BitsPer16 >> 4, element.StateBits)})];")
        );
        return string.Join("\n", lines);
    }
}
