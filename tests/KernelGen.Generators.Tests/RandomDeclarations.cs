using System.Globalization;

namespace KernelGen.Generators.Tests;

/// <summary>
/// Declarations by chance, from a seed: attributes that fit together more often than not, with arguments at and beyond their limits.
/// </summary>
internal sealed class RandomDeclarations(int seed)
{
    private static readonly string[] Types =
    [
        "Float32",
        "Float16",
        "BFloat16",
        "E8M0",
        "E4M3",
        "UE4M3",
        "UInt4",
        "UInt6",
        "UInt8",
        "Int6",
        "Int8",
    ];
    private static readonly string[] Rules =
    [
        "AbsMax",
        "SignedMax",
        "MxFloor",
        "MxCeiling",
        "MinimiseError",
        "GaussianOptimal",
        "SignedMaxRefit",
    ];
    private static readonly string[] Orders = ["Split", "LowFirst", "HighFirst"];
    private static readonly string[] Fields =
    [
        "Scale",
        "Offset",
        "Bytes",
        "Nibbles",
        "Pairs",
        "Bits",
        "Codes",
        "SuperScale",
        "SuperOffset",
    ];

    private readonly Random _random = new(seed);

    /// <summary>One struct with its attributes.</summary>
    public string Next(string type)
    {
        bool block = Chance(0.3),
            super = !block && Chance(0.15);
        int group =
            super ? Pick(16, 32, 48, 64, 17)
            : block ? Pick(16, 32, 48, 64, 96, 160, 256, 320, 1024)
            : Pick(8, 16, 24, 32, 64, 96, 128, 1, 33);
        string[] parts =
        [
            $"[CompressedFormat(\"{type.ToLowerInvariant()}\")]",
            block ? BlockElement() : Element(),
            block || super || Chance(0.85) ? Scale(group, block, super) : "",
            super || Chance(0.15) ? $"[Offset(ScaleType.{Pick(super ? "UInt6" : "Float16", "BFloat16", "UInt4", "E8M0")})]" : "",
            Chance(0.05) ? "[TensorScale(ScaleType.Float32)]" : "",
            super
                ? $"[SuperScale(ScaleType.{Pick("Float16", "Float32", "E4M3")}, groups: "
                    + $"{Pick(8, 16, 4, 1, 3)}{Maybe(0.3, $", Order = SubScaleOrder.{Pick("Neighbours", "Folded")}")})]"
                : "",
            Chance(0.2) ? Layout(block) : "",
            Chance(0.12) ? Sparse() : "",
            Chance(0.12)
                ? $"[Outliers({Pick("0.01", "0.05", "0.5", "0", "0.6")}, ScaleType.{Pick("Float16", "BFloat16", "Float32")}{Scope()})]"
                : "",
            Chance(0.12) ? $"[Hadamard({Pick(16, 32, 64, 128, 256, 1024, 4096, 24, 8192)}{Maybe(0.5, ", Seed = 7")})]" : "",
            Chance(0.05) ? $"[Targets({Pick("KernelTargets.Cpu", "KernelTargets.Gpu", "(KernelTargets)0")})]" : "",
        ];
        return string.Join(' ', parts.Where(part => part.Length > 0)) + $" public readonly partial struct {type};";
    }

    private string Element() =>
        Pick(0, 0, 0, 1, 1, 2) switch
        {
            0 =>
                $"[IntElement({Pick(1, 2, 3, 4, 4, 5, 6, 7, 8, 8, 0, 9)}{Maybe(0.5, $", Levels = IntLevels.{Pick("Midrise", "TwosComplement", "Unsigned")}")}"
                    + $"{Maybe(0.2, ", Code = IntCode.TwosComplement")}{Maybe(0.2, $", Ties = TieRule.{Pick("Up", "AwayFromZero", "TowardZero", "Even")}")}"
                    + $"{Maybe(0.1, $", FractionBits = {Pick(1, 6, 30, 31)}")})]",
            1 =>
                $"[FloatElement({Pick("2, 1", "2, 3", "3, 2", "4, 3", "5, 2", "1, 0", "5, 10", "8, 7", "8, 23", "3, 0", "7, 0", "0, 3", "6, 9")}"
                    + $"{Maybe(0.4, $", Specials = FloatSpecials.{Pick("NanOnly", "Ieee")}")}{Maybe(0.2, $", Bias = {Pick(1, 3, 7, -4, 200)}")}"
                    + $"{Maybe(0.2, $", Ties = TieRule.{Pick("Up", "AwayFromZero", "TowardZero")}")}{Maybe(0.2, ", NegativeZero = false")})]",
            _ =>
                $"[Codebook({string.Join(", ", Enumerable.Range(0, Pick(2, 3, 4, 8, 16, 16, 17, 64, 256, 1)).Select(i => Number(Math.Round(_random.NextDouble() * 4 - 2, 3) + i * 1e-5)))})]",
        };

    private string BlockElement() =>
        Pick(0, 1, 2, 3, 4) switch
        {
            0 =>
                $"[Trellis({Pick("2", "1", "2.25", "3.5", "4.25", "1.0625", "1.5", "5")}{Maybe(0.2, $", states: {Pick(4096, 8192, 100)}")})]",
            1 => $"[VectorCodebook({Pick("1, 16", "2, 16", "2, 64", "2, 256", "4, 16", "4, 256", "3, 8")})]",
            2 => $"[E8P({Pick("", "2", "3", "4", "5")})]",
            3 =>
                $"[TernaryElement(TernaryCode.{Pick("Base3", "Pairs", "NeighbourPairs")}{Maybe(0.2, ", " + Pick("32, 4", "16", "64, 0"))})]",
            _ => "[SignElement]",
        };

    private string Scale(int group, bool block, bool super)
    {
        string type =
            super ? Pick("UInt6", "UInt4", "Int8", "UInt8", "Float16")
            : block ? Pick("Float16", "BFloat16", "E8M0")
            : Pick([.. Types[..6], "Float16", "UInt6"]);
        string rule =
            block ? Pick("GaussianOptimal", "MinimiseError", "AbsMax")
            : super ? Pick("AbsMax", "MinimiseError")
            : type == "E8M0" ? Pick("MxFloor", "MxCeiling")
            : Pick(Rules);
        string where = !block && !super && Chance(0.15) ? Pick("ScaleGroup.Row", "ScaleGroup.Tensor") : Number(group);
        return $"[Scale(ScaleType.{type}, {where}, Rule = ScaleRule.{rule}{Maybe(0.1, ", Use = ScaleUse.Unrounded")})]";
    }

    private string Layout(bool block)
    {
        string[] fields =
            block ? ["Codes", "Scale"]
            : Chance(0.5) ? []
            : [.. Fields.Where(_ => Chance(0.4))];
        string[] arguments =
        [
            .. fields.Select(field => "BlockField." + field),
            .. new[] { "Nibbles", "Pairs", "Bits" }
                .Where(_ => !block && Chance(0.4))
                .Select(plane => $"{plane} = CodeOrder.{Pick(Orders)}"),
            .. Chance(0.4) ? new[] { $"Groups = {Pick(1, 2, 3, 4, 0)}" } : [],
            .. Chance(0.15) ? new[] { $"{Pick("NibblesSpan", "PairsSpan")} = {Pick(64, 128, 7)}" } : [],
        ];
        return $"[Layout({string.Join(", ", arguments)})]";
    }

    private string Sparse() =>
        Chance(0.5)
            ? $"[Sparse({Pick("2, 4", "1, 4", "4, 8", "3, 8", "5, 4", "1, 2", "0, 0")}{Maybe(0.2, ", Pairs = true")}{Maybe(0.2, ", Index = SparseIndex.TwoBit")})]"
            : $"[Sparse({Pick("0.5", "0.25", "0.9", "0", "1.5")}{Scope()})]";

    private string Scope() => Maybe(0.5, $", Scope = SelectionScope.{Pick("Block", "Row")}");

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private string Maybe(double probability, string text) => Chance(probability) ? text : "";

    private T Pick<T>(params T[] of) => of[_random.Next(of.Length)];

    private static string Number(double value) =>
        value.ToString("R", CultureInfo.InvariantCulture) + (value == Math.Floor(value) ? "" : "f");
}
