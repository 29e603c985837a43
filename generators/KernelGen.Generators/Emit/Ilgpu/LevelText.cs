using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Gpu;

namespace KernelGen.Generators.Emit.Ilgpu;

/// <summary>Codes to levels on a device: one entry per kind of element. Only what ILGPU compiles without doubles and calls.</summary>
internal static class LevelText
{
    /// <summary>Text of the level of a code; the code is a uint.</summary>
    public static string Of(GpuPlan plan, string code) =>
        (plan.Kind, plan.Element) switch
        {
            (GpuLevelKind.Integer, SignElementModel) => $"(float)((int)({code}) * 2 - 1)",
            (GpuLevelKind.Integer, TernaryElementModel) => $"(float)((int)({code}) - 1)",
            (GpuLevelKind.Integer, IntElementModel element) => Integer(element, code),
            (GpuLevelKind.Table, _) => $"source.Levels[(int)({code})]",
            (GpuLevelKind.Float, FloatElementModel { Mantissa: 23 }) => $"Interop.IntAsFloat({code})",
            (GpuLevelKind.Float, FloatElementModel { Exponent: 8 }) => $"GpuNumbers.FromBFloat16({code})",
            (GpuLevelKind.Float, _) => $"TMath.FromHalf({code})",
            (GpuLevelKind.SmallFloat, FloatElementModel element) => Small(element, $"({code}) << {32 - element.Bits}", element.Bits),
            _ => throw new InvalidOperationException($"No level text for {plan.Kind}."),
        };

    /// <summary>Text of a small float's level; its code is at the top of a word, in so many bits.</summary>
    public static string Small(FloatElementModel element, string top, int bits)
    {
        int down = 23 - element.Mantissa;
        uint mask = 0x80000000u | ((1u << (element.Bits - 1)) - 1) << down;
        // codes of fewer bits than their field have zeros in front
        string word = bits == element.Bits ? top : $"({top}) << {bits - element.Bits}";
        string arguments = $"{word}, {8 - element.Exponent}, {mask}u, {Text.Float(Math.Pow(2, 127 - element.Bias))}";
        if (element.Specials == FloatSpecials.None)
        {
            return $"GpuNumbers.Small({arguments})";
        }
        uint most = (uint)Plan.LevelTable.LargestCode(element) << down;
        return $"GpuNumbers.SmallOrSpecial({arguments}, {most}u, {(element.Specials == FloatSpecials.Ieee ? 0x7F800000u : 0x7FC00000u)}u)";
    }

    /// <summary>How levels come about, in words.</summary>
    public static string Describe(GpuPlan plan) =>
        plan.Kind switch
        {
            GpuLevelKind.Integer => "the integer of the code",
            GpuLevelKind.Table => "looked up in a table in shared memory",
            GpuLevelKind.Float or GpuLevelKind.SmallFloat => "the bits of a float",
            GpuLevelKind.Entry => "entries of a codebook",
            GpuLevelKind.Lattice => "absolute patterns by the byte, signs and a shift",
            _ => "windows of a ring of bits, looked up",
        };

    /// <summary>int conversions only: a uint would be converted through double.</summary>
    private static string Integer(IntElementModel element, string code)
    {
        bool twos = element.Code == IntCode.TwosComplement;
        string integer =
            twos ? $"(int)(({code}) << {32 - element.Bits}) >> {32 - element.Bits}"
            : element.Zero == 0 ? $"(int)({code})"
            : $"(int)({code}) - {element.Zero}";
        string level = $"(float)({integer})";
        if (element.Levels == IntLevels.Midrise)
        {
            level = $"({level} + 0.5f)";
        }
        return element.FractionBits == 0 ? level : $"{level} * {Text.Float(Math.Pow(2, -element.FractionBits))}";
    }
}
