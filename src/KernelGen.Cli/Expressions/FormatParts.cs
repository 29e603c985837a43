using System.Globalization;
using System.Text.RegularExpressions;
using KernelGen.Scaling;

namespace KernelGen.Cli.Expressions;

/// <summary>The parts of format expressions. docs/formats.md has this table; a test compares them and runs every example.</summary>
internal static class FormatParts
{
    private static readonly float[] NormalFloat4 =
    [
        -1f,
        -0.6961928009986877f,
        -0.5250730514526367f,
        -0.39491748809814453f,
        -0.28444138169288635f,
        -0.18477343022823334f,
        -0.09105003625154495f,
        0f,
        0.07958029955625534f,
        0.16093020141124725f,
        0.24611230194568634f,
        0.33791524171829224f,
        0.44070982933044434f,
        0.5626170039176941f,
        0.7229568362236023f,
        1f,
    ];

    private static readonly float[] NonLinear4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>What comes first.</summary>
    public static IReadOnlyList<FormatPart> Elements { get; } =
    [
        new("intB", @"int([1-8])", "int4:g32", "IntElement(4)", "integers −q … q of 1 to 8 bits; int1 is ±½", (m, to) =>
            to.SetElement("IntElement", Int(m, 1))
        ),
        new(
            "eXmY",
            @"e([1-8])m(\d{1,2})",
            "e2m1:g16",
            "FloatElement(2, 1)",
            "small floats with X exponent and Y mantissa bits; the one element that may do without a scale",
            (m, to) => to.SetElement("FloatElement", Int(m, 1), Int(m, 2))
        ),
        new("nf4", "nf4", "nf4:g64", "Codebook(-1f, ", "NormalFloat of QLoRA", (_, to) => to.SetElement("Codebook", NormalFloat4)),
        new("iq4", "iq4", "iq4:g32:refit", "Codebook(-127f, ", "the 16 levels of ggml's IQ4_NL", (_, to) =>
            to.SetElement("Codebook", NonLinear4)
        ),
        new("lmN", @"lm(\d{1,3})", "lm8:g32:minerr", "Codebook(-2.1519", "the Lloyd–Max levels of a Gaussian, 2 to 256 of them", LloydMax),
        new(
            "vqDxN",
            @"vq(\d)x(\d{1,5})",
            "vq2x256:g128",
            "VectorCodebook(dimension: 2, entries: 256)",
            "vectors of D weights from a Gaussian grid of N entries: 1x16, 2x16, 2x64, 2x256, 4x16, 4x256, 4x4096",
            (m, to) => to.SetElement("VectorCodebook", Int(m, 1), Int(m, 2))
        ),
        new("e8pB", @"e8p([234])?", "e8p3:g256", "E8P(3)", "eight weights of the E8P lattice, 2 (the default), 3 or 4 bits", (m, to) =>
            to.SetElement("E8P", m.Groups[1].Success ? Int(m, 1) : 2)
        ),
        new(
            "trellisB",
            @"trellis(\d(?:\.\d{1,4})?)",
            "trellis2:g256",
            "Trellis(2, states: 4096)",
            "a trellis of 1 to 4.25 bits in steps of 1/16",
            (m, to) => to.SetElement("Trellis", Number(m, 1))
        ),
        new("ternary", "ternary", "ternary:g320", "TernaryElement(TernaryCode.Base3)", "−1, 0 and 1, five in a byte", (_, to) =>
            to.SetElement("TernaryElement", TernaryCode.Base3, Array.Empty<int>())
        ),
        new("sign", "sign", "sign:g128", "SignElement", "±1, one bit", (_, to) => to.SetElement("SignElement")),
    ];

    /// <summary>What follows in any order.</summary>
    public static IReadOnlyList<FormatPart> Stages { get; } =
    [
        new("gN", @"g(\d{1,7})", "int4:g32", "group: 32", "one scale for N neighbouring columns", (m, to) => to.Set("Scale", 1, Int(m, 1))),
        new("grow", "grow", "int4:grow", "ScaleGroup.Row", "one scale per row", (_, to) => to.Set("Scale", 1, ScaleGroup.Row)),
        new("gtensor", "gtensor", "int4:gtensor:gauss", "ScaleGroup.Tensor", "one scale for the tensor", (_, to) =>
            to.Set("Scale", 1, ScaleGroup.Tensor)
        ),
        .. ScaleTypes(),
        .. Rules(),
        new(
            "unrounded",
            "unrounded",
            "int8:g32:unrounded",
            "Use = ScaleUse.Unrounded",
            "codes are chosen by the scale before it is rounded, as ggml does",
            (_, to) => to.Set("Scale", "Use", ScaleUse.Unrounded)
        ),
        .. IntegerLevels(),
        .. FloatCodes(),
        .. Ties(),
        new(
            "offset",
            "offset",
            "int4:g32:offset",
            "Offset(ScaleType.Float16)",
            "an offset per group, over unsigned integers; of the scale's type, or float16",
            (_, to) => to.Set("Offset", 0, ScaleType.Float16)
        ),
        new(
            "tensor",
            "tensor",
            "e2m1:g16:e4m3:tensor",
            "TensorScale(ScaleType.Float32)",
            "a float32 for the tensor, by which group scales are multiplied",
            (_, to) => to.Set("TensorScale", 0, ScaleType.Float32)
        ),
        new(
            "superN",
            @"super(\d{1,4})",
            "int4:g16:i8:minerr:super16",
            "SuperScale(ScaleType.Float16, groups: 16)",
            "integer scales under a float16 for N groups",
            (m, to) =>
            {
                to.Set("SuperScale", 0, ScaleType.Float16);
                to.Set("SuperScale", 1, Int(m, 1));
            }
        ),
        new(
            "outliersP%",
            @"outliers(\d{1,2}(?:\.\d{1,4})?)%(@block)?(@bf16)?",
            "int3:g32:outliers1%",
            "Outliers(0.01, ScaleType.Float16)",
            "the largest P % of a row in 16 bits; @block: of a block; @bf16: as bfloat16; 0 %: none",
            Outliers
        ),
        new(
            "sparse…",
            @"sparse([^:]+)",
            "int4:g64:sparse24",
            "Sparse(2, 4)",
            "the masks of expressions: sparse24, sparse4of8 (by pairs), sparse24@index, sparse50%; sparse50%@block: of a block",
            ExpressionMask.Write
        ),
        new(
            "hadamardN",
            @"hadamard(\d{1,5})",
            "int4:g128:hadamard128",
            "Hadamard(128)",
            "rows are rotated by blocks of N columns",
            (m, to) => to.Set("Hadamard", 0, Int(m, 1))
        ),
        new("groupsN", @"groups(\d{1,4})", "e2m1:g16:ue4m3:groups4", "Layout(Groups = 4)", "N groups in a stored block", (m, to) =>
        {
            to.Set("Layout", 0, Array.Empty<BlockField>());
            to.Set("Layout", "Groups", Int(m, 1));
        }),
        new("statesN", @"states(\d{1,5})", "trellis2:g256:states16384", "states: 16384", "states of a trellis; 4096 without it", (m, to) =>
            to.Set("Trellis", 1, Int(m, 1))
        )
        {
            Element = "Trellis",
        },
    ];

    private static IEnumerable<FormatPart> ScaleTypes()
    {
        (string Spelling, ScaleType Type, string Example, string Help)[] table =
        [
            ("f32", ScaleType.Float32, "int4:g32:f32", "binary32 scales; the default of grow and gtensor"),
            ("f16", ScaleType.Float16, "int4:g32:f16", "binary16 scales; the default of gN"),
            ("bf16", ScaleType.BFloat16, "int4:g32:bf16", "bfloat16 scales"),
            ("e8m0", ScaleType.E8M0, "e2m1:g32:e8m0", "powers of two, by the rule mxfloor if none is given"),
            ("e4m3", ScaleType.E4M3, "e2m1:g16:e4m3", "E4M3 scales"),
            ("ue4m3", ScaleType.UE4M3, "e2m1:g16:ue4m3", "ggml's unsigned E4M3 scales"),
            ("u4", ScaleType.UInt4, "int2:g16:u4:minerr:offset:super16", "scales 0 … 15 under a superN"),
            ("u6", ScaleType.UInt6, "int4:g32:u6:minerr:offset:super8", "scales 0 … 63 under a superN"),
            ("u8", ScaleType.UInt8, "nf4:g64:u8:super16", "scales 0 … 255 under a superN"),
            ("i6", ScaleType.Int6, "int3:g16:i6:minerr:super16", "scales −32 … 31 under a superN"),
            ("i8", ScaleType.Int8, "int4:g16:i8:minerr:super16", "scales −128 … 127 under a superN"),
        ];
        return table.Select(row => Word(row.Spelling, row.Example, "Scale", 0, row.Type, row.Help));
    }

    private static IEnumerable<FormatPart> Rules()
    {
        (string Spelling, ScaleRule Rule, string Example, string Help)[] table =
        [
            ("absmax", ScaleRule.AbsMax, "int4:g32:absmax", "the largest value meets the largest level; the default of scalar elements"),
            ("signedmax", ScaleRule.SignedMax, "int4:g32:full:signedmax", "the largest value meets the lowest level, by a signed scale"),
            ("refit", ScaleRule.SignedMaxRefit, "iq4:g32:refit", "signedmax, then one least-squares refit"),
            ("mxfloor", ScaleRule.MxFloor, "e2m1:g32:e8m0:mxfloor", "the power of two of OCP MX"),
            ("mxceil", ScaleRule.MxCeiling, "e2m1:g32:e8m0:mxceil", "the power of two under which nothing saturates"),
            ("minerr", ScaleRule.MinimiseError, "int4:g32:minerr", "searched for least squared error; the default of all other elements"),
            ("gauss", ScaleRule.GaussianOptimal, "int4:gtensor:gauss", "the multiple of the RMS that is best for a Gaussian"),
        ];
        return table.Select(row => Word(row.Spelling, row.Example, "Scale", "Rule", row.Rule, row.Help));
    }

    private static IEnumerable<FormatPart> IntegerLevels()
    {
        (string Spelling, IntLevels Levels, string Example, string Help)[] table =
        [
            ("midrise", IntLevels.Midrise, "int4:g32:midrise", "±½, ±1½, …: no zero"),
            ("full", IntLevels.TwosComplement, "int4:g32:full", "−2^(B−1) … 2^(B−1) − 1"),
            ("unsigned", IntLevels.Unsigned, "int4:g32:unsigned:offset", "0 … 2^B − 1; implied by offset"),
        ];
        return table.Select(row =>
            Word(row.Spelling, row.Example, "IntElement", "Levels", row.Levels, row.Help) with
            {
                Element = "IntElement",
            }
        );
    }

    private static IEnumerable<FormatPart> FloatCodes() =>
        [
            Word("nan", "e4m3:g32:nan", "FloatElement", "Specials", FloatSpecials.NanOnly, "the all-ones code is NaN (OCP E4M3)") with
            {
                Element = "FloatElement",
            },
            Word("ieee", "e5m2:g32:ieee", "FloatElement", "Specials", FloatSpecials.Ieee, "the highest exponent is infinity and NaN") with
            {
                Element = "FloatElement",
            },
        ];

    private static IEnumerable<FormatPart> Ties()
    {
        (string Spelling, TieRule Ties, string Help)[] table =
        [
            ("tiezero", TieRule.TowardZero, "half-way values go to the smaller magnitude; without it to the even code"),
            ("tieaway", TieRule.AwayFromZero, "half-way values go to the larger magnitude"),
            ("tieup", TieRule.Up, "half-way values go up"),
        ];
        return table.Select(row => new FormatPart(
            row.Spelling,
            row.Spelling,
            row.Ties == TieRule.Up ? "int4:g32:full:tieup" : $"int4:g32:{row.Spelling}",
            $"Ties = TieRule.{row.Ties}",
            row.Help,
            (_, to) => to.Set(to.Element, "Ties", row.Ties)
        )
        {
            Element = "IntElement or FloatElement",
        });
    }

    /// <summary>A part that is one word for one value of an enum.</summary>
    private static FormatPart Word(string word, string example, string attribute, object argument, Enum value, string help) =>
        new(
            word,
            word,
            example,
            argument is string name ? $"{name} = {value.GetType().Name}.{value}" : $"{attribute}({value.GetType().Name}.{value}",
            help,
            (_, to) => to.Set(attribute, argument, value)
        );

    private static void LloydMax(Match match, DeclarationDraft to)
    {
        int levels = Int(match, 1);
        if (levels is < 2 or > 256)
        {
            throw to.Wrong($"{levels} levels: a codebook has 2 to 256, for instance lm16.");
        }
        to.SetElement("Codebook", RateDistortion.LloydMax(levels).Levels.Select(level => (float)level).ToArray());
    }

    private static void Outliers(Match match, DeclarationDraft to)
    {
        double percent = Number(match, 1);
        if (percent == 0)
        {
            return; // the first of outliers{0,1,5}%
        }
        to.Set("Outliers", 0, Math.Round(percent / 100, 6));
        to.Set("Outliers", 1, match.Groups[3].Success ? ScaleType.BFloat16 : ScaleType.Float16);
        if (match.Groups[2].Success)
        {
            to.Set("Outliers", "Scope", SelectionScope.Block);
        }
    }

    private static int Int(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
}
