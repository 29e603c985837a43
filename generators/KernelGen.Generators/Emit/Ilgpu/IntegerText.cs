using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Gpu;

namespace KernelGen.Generators.Emit.Ilgpu;

/// <summary>
/// Integers of a unit without a conversion or a shift per weight: as levels in float32, and as bytes for integer products. A level is
/// (code · 2^up + lowest) · step. Codes below 8 bits lie 4 apart in all their planes, so that a shift serves four.
/// </summary>
internal sealed class IntegerText
{
    private readonly GpuPlan _plan;
    private readonly int _bits,
        _up,
        _lowest;
    private readonly double _step = 1;

    private IntegerText(GpuPlan plan)
    {
        (_plan, _bits) = (plan, plan.Fields.Sum(field => field.Bits));
        switch (plan.Element)
        {
            case SignElementModel:
                (_up, _lowest) = (1, -1);
                break;
            case IntElementModel element:
                int zero = element.Code == IntCode.TwosComplement ? 1 << (element.Bits - 1) : element.Zero;
                _up = element.Levels == IntLevels.Midrise ? 1 : 0;
                _lowest = _up - (zero << _up);
                _step = Math.Pow(2, -element.FractionBits - _up);
                break;
            default:
                _lowest = -1; // ternary
                break;
        }
    }

    /// <summary>Whether a unit of this plan is decoded here.</summary>
    public static bool Has(GpuPlan plan) =>
        plan.Kind == GpuLevelKind.Integer && plan.Mask == GpuMaskKind.None && plan.CodesPerUnit == GpuPlan.Unit;

    /// <summary>
    /// The bit of codes that is turned on their way to the device: a two's complement becomes the number above the lowest one.
    /// </summary>
    public static int Flip(GpuPlan plan) =>
        Has(plan) && plan.Element is IntElementModel { Code: IntCode.TwosComplement } element ? 1 << (element.Bits - 1) : 0;

    /// <summary>Lines that write the levels.</summary>
    public static string Levels(GpuPlan plan)
    {
        var text = new IntegerText(plan);
        var lines = new List<string>();
        for (int i = 0; i < GpuPlan.Unit; i += 4)
        {
            lines.AddRange(text.Words(i, plan.Fields.Select((_, f) => text.Down(f, i) + 16 * (i / 4 % 2)), "part", 16));
            lines.AddRange(Enumerable.Range(i, 4).Select(text.Level));
        }
        return string.Join("\n", lines);
    }

    /// <summary>The members for integer products.</summary>
    public static string Write(GpuPlan plan)
    {
        var text = new IntegerText(plan);
        bool products = Has(plan) && plan.Outliers is null && !plan.ScalesKept && plan.Run % 16 == 0 && !(text._bits == 8 && text._up == 1);
        return $$"""
            /// <inheritdoc/>
            public static int IntegerKind => {{(
                !products ? 0
                : text.Nibbles ? 2
                : 1
            )}};

            /// <inheritdoc/>
            public static int IntegerLowest => {{(products ? text._lowest : 0)}};

            /// <inheritdoc/>
            public static float IntegerStep => {{(products ? Text.Float(text._step) : "1f")}};

            /// <inheritdoc/>
            public static GpuBytes Bytes(GpuSource source, GpuShape shape, int unit)
            {
                {{Text.Indent(products ? text.Bytes() : "return default;", 4)}}
            }
            """;
    }

    /// <summary>Whether codes are the halves of bytes: upper ones stay there, and their sums are divided by 16.</summary>
    private bool Nibbles => _bits == 4 && _up == 0 && _plan.Fields.Count == 1;

    private string Bytes()
    {
        var lines = new List<string> { DecodeText.Loads(_plan), "GpuBytes bytes = default;" };
        for (int k = 0; k < 8; k++)
        {
            string place = $"bytes.{(k < 4 ? "Low" : "High")}.{"XYZW"[k % 4]}";
            if (_bits == 8)
            {
                lines.Add($"{place} = {DecodeText.Word(8, k)};");
                continue;
            }
            int odd = k % 2;
            if (Nibbles)
            {
                lines.Add($"{place} = {Word(0, k / 2 * 8)} & {(odd == 0 ? 0x0F0F0F0Fu : 0xF0F0F0F0u)}u;");
                continue;
            }
            IEnumerable<string> parts = _plan.Fields.Select(
                (field, f) =>
                {
                    uint mask = (uint)(((1 << field.Bits) - 1) << (field.Shift + _up)) * 0x01010101u;
                    return $"{Shifted(Word(f, k / 2 * 8), Down(f, k / 2 * 8) + 4 * odd)} & {mask}u";
                }
            );
            lines.Add($"{place} = {string.Join(" | ", parts.Select(part => _plan.Fields.Count == 1 ? part : $"({part})"))};");
        }
        lines.Add("return bytes;");
        return string.Join("\n", lines);
    }

    /// <summary>Weights i to i + 3, whose codes begin at the bits 0, 4, 8, 12 (or 0, 8 twice) of the shifted words.</summary>
    private string Level(int i)
    {
        int at = _bits == 8 ? i % 2 * 8 : i % 4 * 4;
        // every plane joins the bits of 2²³ and the planes before it in one operation of three inputs
        string bits = _plan
            .Fields.Select(
                (field, f) =>
                    $"({PartName("part", f, _bits == 8 ? i / 2 * 2 : i / 4 * 4)} & {((1u << field.Bits) - 1) << (at + field.Shift + _up)}u)"
            )
            .Aggregate("0x4B000000u", (joined, part) => $"({part} | {joined})");
        double factor = Math.Pow(2, -at) * _step,
            constant = (Math.Pow(2, 23 - at) - _lowest) * _step;
        return $"{DecodeText.Place(i)} = GpuNumbers.Integer({bits}, {Text.Float(factor)}, {Text.Float(constant)});";
    }

    /// <summary>Locals with the words of all fields, shifted to where weights i to i + 3 are asked for.</summary>
    private IEnumerable<string> Words(int i, IEnumerable<int> down, string name, int half)
    {
        if (_bits == 8)
        {
            yield return $"uint {PartName(name, 0, i)} = {Shifted(Word(0, i), -_up)};";
            yield return $"uint {PartName(name, 0, i + 2)} = {Shifted(Word(0, i), half - _up)};";
            yield break;
        }
        int f = 0;
        foreach (int shift in down)
        {
            yield return $"uint {PartName(name, f, i)} = {Shifted(Word(f, i), shift)};";
            f++;
        }
    }

    private static string PartName(string name, int field, int i) => $"{name}{field}At{i}";

    /// <summary>
    /// How far down the bits of a field go that belong to the eight weights from i on, for the first of them to begin at bit 0.
    /// </summary>
    private int Down(int field, int i) => i / 8 * _plan.Fields[field].Bits % 4 - _plan.Fields[field].Shift - _up;

    private string Word(int f, int i)
    {
        int bits = _plan.Fields[f].Bits;
        return DecodeText.Word(bits, i / 8 * 8 * bits / 32 + (bits == 8 ? i / 4 % 2 : 0));
    }

    private static string Shifted(string word, int down) =>
        down == 0 ? word
        : down > 0 ? $"({word} >> {down})"
        : $"({word} << {-down})";
}
