using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>How codes become levels and levels become codes, in vectors: one entry per kind of element.</summary>
internal static class ElementRecipes
{
    /// <summary>Which recipe decodes an element, in words; printed by <c>kernelgen show</c>.</summary>
    public static string Describe(ElementModel element) =>
        element switch
        {
            IntElementModel => "convert the integer to float32, subtract the zero point",
            FloatElementModel { Exponent: 8, Mantissa: 23 } => "the bits are a float32",
            FloatElementModel { Exponent: 8, Mantissa: 7 } => "shift the bits to the top of a float32",
            _ when UsesTable(element) => "look the code up in a table held in registers",
            _ => "rebias the exponent in integer arithmetic, subnormals by conversion",
        };

    /// <summary>Whether levels are looked up in a table.</summary>
    public static bool UsesTable(ElementModel element) => element is CodebookElementModel or FloatElementModel { Bits: <= 4 };

    /// <summary>The body of <c>Level</c>: VECTOR&lt;int&gt; code to VECTOR&lt;float&gt;.</summary>
    public static string Level(BlockPlan plan) =>
        plan.Element switch
        {
            IntElementModel element => IntLevel(element),
            _ when UsesTable(plan.Element) => plan.Element.Bits <= 4
                ? "return LANES.Lookup16(in MemoryMarshal.GetReference(LevelTable), code);"
                : "return LANES.Lookup(LevelTable, code);",
            FloatElementModel { Exponent: 8, Mantissa: 23 } => "return code.AsSingle();",
            FloatElementModel { Exponent: 8, Mantissa: 7 } => "return (code << 16).AsSingle();",
            FloatElementModel element => FloatLevel(element),
            _ => throw new InvalidOperationException(),
        };

    /// <summary>The body of <c>Code</c>: VECTOR&lt;float&gt; level to VECTOR&lt;int&gt;.</summary>
    public static string Code(BlockPlan plan) =>
        plan.Element switch
        {
            IntElementModel element => IntCode(element),
            CodebookElementModel => CodebookCode(plan),
            FloatElementModel { Exponent: 8, Mantissa: 23 } => "return level.AsInt32();",
            FloatElementModel { Exponent: 8, Mantissa: 7 } => BFloat16Code,
            FloatElementModel { Bits: <= 4 } element => SmallFloatCode(plan, element),
            FloatElementModel element => FloatCode(plan, element),
            _ => throw new InvalidOperationException(),
        };

    private static string IntLevel(IntElementModel element)
    {
        bool twos = element.Code == Model.IntCode.TwosComplement;
        double zero = (twos ? 0 : element.Zero) - (element.Levels == IntLevels.Midrise ? 0.5 : 0);
        string integer = twos && element.Bits < 8 ? $"code << {32 - element.Bits} >> {32 - element.Bits}" : "code";
        string level = $"VECTOR.ConvertToSingle({integer})";
        if (zero != 0)
        {
            level += $" - VECTOR.Create({Text.Float(zero)})";
        }
        return element.FractionBits == 0
            ? $"return {level};"
            : $"return {(zero != 0 ? $"({level})" : level)} * VECTOR.Create({Text.Float(Math.Pow(2, -element.FractionBits))});";
    }

    private static string IntCode(IntElementModel element)
    {
        bool twos = element.Code == Model.IntCode.TwosComplement;
        string scaled = element.FractionBits == 0 ? "level" : $"level * VECTOR.Create({Text.Float(Math.Pow(2, element.FractionBits))})";
        int zero = twos ? 0 : element.Zero;
        string plusZero = zero == 0 ? "" : $" + VECTOR.Create({zero})";
        string clamp = $"VECTOR.Create({Text.Float(element.Lowest)}), VECTOR.Create({Text.Float(element.Highest)})";
        if (element.Levels == IntLevels.Midrise)
        {
            return $"return VECTOR.ConvertToInt32Native(VECTOR.ClampNative(VECTOR.Floor({scaled}), {clamp})){plusZero};";
        }
        if (element.Ties is TieRule.Up or TieRule.AwayFromZero)
        {
            // Truncation rounds what is beyond an integer bound to that bound: clamping first spares a rounding of its own.
            int moved = element.Ties == TieRule.Up ? element.Zero : 0;
            string bounds = $"VECTOR.Create({Text.Float(element.Lowest + moved)}), VECTOR.Create({Text.Float(element.Highest + moved)})";
            string back = zero == moved ? "" : $" + VECTOR.Create({zero - moved})";
            return element.Ties == TieRule.Up
                ? $"""
                    // half-way goes up: truncation of a positive number
                    return VECTOR.ConvertToInt32Native(VECTOR.ClampNative({scaled} + VECTOR.Create({Text.Float(
                        moved + 0.5
                    )}), {bounds})){back};
                    """
                : $"""
                    // half-way goes away from zero: the float below ½ is added, as ½ itself would round 0.49999997 up
                    VECTOR<float> scaled = {scaled};
                    VECTOR<float> half = VECTOR.CopySign(VECTOR.Create(0.49999997f), scaled);
                    return VECTOR.ConvertToInt32Native(VECTOR.ClampNative(scaled + half, {bounds})){back};
                    """;
        }
        string rounded =
            element.Ties == TieRule.Even
                ? $"VECTOR<float> integer = VECTOR.Round({scaled});"
                : $"""
                    VECTOR<float> scaled = {scaled};
                    VECTOR<float> integer = VECTOR.CopySign(VECTOR.Ceiling(VECTOR.Abs(scaled) - VECTOR.Create(0.5f)), scaled);
                    """;
        return $"""
            {rounded}
            return VECTOR.ConvertToInt32Native(VECTOR.ClampNative(integer, {clamp})){plusZero};
            """;
    }

    private static string FloatLevel(FloatElementModel element)
    {
        int m = element.Mantissa,
            signBit = element.Bits - 1,
            magnitudes = (1 << signBit) - 1;
        string special = element.Specials switch
        {
            FloatSpecials.Ieee =>
                $"""

                // the highest exponent is infinity and NaN; the mantissa is kept
                VECTOR<float> nonFinite = (magnitude << {23 - m} | VECTOR.Create(0x7F800000)).AsSingle();
                value = VECTOR.ConditionalSelect(VECTOR.GreaterThan(magnitude, VECTOR.Create({LevelTable.LargestCode(
                    element
                )})).AsSingle(), nonFinite, value);
                """,
            FloatSpecials.NanOnly => $"""

                value = VECTOR.ConditionalSelect(VECTOR.Equals(magnitude, VECTOR.Create({magnitudes})).AsSingle(), VECTOR.Create(float.NaN), value);
                """,
            _ => "",
        };
        return $"""
            VECTOR<int> magnitude = code & VECTOR.Create({magnitudes});
            VECTOR<float> normal = ((magnitude << {23 - m}) + VECTOR.Create({127 - element.Bias} << 23)).AsSingle();
            VECTOR<float> subnormal = VECTOR.ConvertToSingle(magnitude) * VECTOR.Create({Text.Float(Math.Pow(2, 1 - element.Bias - m))});
            VECTOR<float> value = VECTOR.ConditionalSelect(VECTOR.LessThan(magnitude, VECTOR.Create({1
                << m})).AsSingle(), subnormal, normal);{special}
            return (value.AsInt32() | code >>> {signBit} << 31).AsSingle();
            """;
    }

    private static string FloatCode(BlockPlan plan, FloatElementModel element)
    {
        int m = element.Mantissa,
            drop = 23 - m,
            signBit = element.Bits - 1,
            half = 1 << (drop - 1);
        string tie = element.Ties switch
        {
            TieRule.Even => $"rebased + VECTOR.Create({half - 1}) + (rebased >>> {drop} & VECTOR<int>.One)",
            TieRule.TowardZero => $"rebased + VECTOR.Create({half - 1})",
            _ => $"rebased + VECTOR.Create({half})",
        };
        string quanta = element.Ties switch
        {
            TieRule.Even => "VECTOR.Round(quanta)",
            TieRule.TowardZero => "VECTOR.Ceiling(quanta - VECTOR.Create(0.5f))",
            _ => "VECTOR.Truncate(quanta) + VECTOR.ConditionalSelect(VECTOR.GreaterThanOrEqual(quanta - VECTOR.Truncate(quanta), "
                + "VECTOR.Create(0.5f)), VECTOR.Create(1f), VECTOR<float>.Zero)",
        };
        int largest = LevelTable.LargestCode(element) + (plan.HoldsNonFinite ? 1 : 0);
        return $"""
            VECTOR<int> magnitude = level.AsInt32() & VECTOR.Create(0x7FFFFFFF);
            VECTOR<int> rebased = magnitude - VECTOR.Create({127 - element.Bias} << 23);
            VECTOR<int> normal = {tie} >>> {drop};
            VECTOR<float> quanta = VECTOR.Abs(level) * VECTOR.Create({Text.Float(Math.Pow(2, m + element.Bias - 1))});
            VECTOR<int> subnormal = VECTOR.ConvertToInt32Native({quanta});
            VECTOR<int> code = VECTOR.ConditionalSelect(VECTOR.LessThan(magnitude, VECTOR.Create({128
                - element.Bias} << 23)), subnormal, normal);
            code = VECTOR.Min(code, VECTOR.Create({largest}));{NaN(plan, element)}
            {Signed(element, signBit)}
            """;
    }

    /// <summary>A float that is stored as it is rounds past its range to infinity and keeps NaN; under a scale it saturates.</summary>
    private static string NaN(BlockPlan plan, FloatElementModel element)
    {
        if (!plan.HoldsNonFinite)
        {
            return "";
        }
        int infinity = LevelTable.LargestCode(element) + 1;
        // binary16 keeps the top of the mantissa, as the hardware does; small floats have one NaN to write
        string code =
            element.Bits == 16
                ? $"(level.AsInt32() & VECTOR.Create(0x7FFFFFFF)) >>> {23 - element.Mantissa} & "
                    + $"VECTOR.Create({(1 << element.Mantissa) - 1}) | VECTOR.Create({infinity | 1 << (element.Mantissa - 1)})"
                : $"VECTOR.Create({(1 << (element.Bits - 1)) - 1})";
        return $"\ncode = VECTOR.ConditionalSelect(VECTOR.GreaterThan(level.AsInt32() & VECTOR.Create(0x7FFFFFFF), VECTOR.Create(0x7F800000)), {code}, code);";
    }

    private const string BFloat16Code = """
        VECTOR<int> bits = level.AsInt32();
        VECTOR<int> rounded = bits + VECTOR.Create(0x7FFF) + (bits >>> 16 & VECTOR<int>.One) >>> 16;
        VECTOR<int> isNaN = VECTOR.GreaterThan(bits & VECTOR.Create(0x7FFFFFFF), VECTOR.Create(0x7F800000));
        return VECTOR.ConditionalSelect(isNaN, bits >>> 16 | VECTOR.Create(0x40), rounded);
        """;

    private static string SmallFloatCode(BlockPlan plan, FloatElementModel element)
    {
        int largest = LevelTable.LargestCode(element);
        IEnumerable<string> boundaries = Enumerable
            .Range(0, plan.HoldsNonFinite ? largest + 1 : largest)
            .Select(code =>
            {
                // The tie between code and code + 1 goes to the even one.
                bool up = element.Ties switch
                {
                    TieRule.Even => (code & 1) == 1,
                    TieRule.TowardZero => false,
                    _ => true,
                };
                double next = code == largest ? NextPower(element, code) : plan.Levels[code + 1];
                return LevelTable.Boundary(plan.Levels[code], next, up);
            })
            .Select(boundary => Text.Float(boundary));
        return $"""
            // The code is the number of boundaries below the magnitude; a comparison gives -1.
            VECTOR<float> magnitude = VECTOR.Abs(level);
            VECTOR<int> code = -({Count("magnitude", boundaries)});{NaN(plan, element)}
            {Signed(element, element.Bits - 1)}
            """;
    }

    /// <summary>The value that the code after the largest finite one would have if it were not infinity.</summary>
    private static double NextPower(FloatElementModel element, int largest) =>
        Math.Pow(2, (largest >> element.Mantissa) + 1 - element.Bias);

    private static string Signed(FloatElementModel element, int signBit) =>
        element.NegativeZero
            ? $"return code | level.AsInt32() >>> 31 << {signBit};"
            : $"return code | level.AsInt32() >>> 31 << {signBit} & ~VECTOR.Equals(code, VECTOR<int>.Zero);";

    private static string CodebookCode(BlockPlan plan)
    {
        double[] sorted = plan.SortedLevels;
        bool ascending = plan.Levels.SequenceEqual(sorted);
        string rank =
            sorted.Length <= 16
                ? $"VECTOR<int> rank = -({Count("level", Boundaries(sorted).Select(boundary => Text.Float(boundary)))});"
                : """
                    VECTOR<int> rank = VECTOR<int>.Zero;
                    foreach (float boundary in BoundaryTable)
                    {
                        rank -= VECTOR.GreaterThan(level, VECTOR.Create(boundary)).AsInt32();
                    }
                    """;
        string result =
            ascending ? "return rank;"
            : sorted.Length <= 16
                ? "return VECTOR.ConvertToInt32Native(LANES.Lookup16(in MemoryMarshal.GetReference(CodeOfRankTable), rank));"
            : "return VECTOR.ConvertToInt32Native(LANES.Lookup(CodeOfRankTable, rank));";
        return $"""
            // The rank among the sorted values is the number of boundaries below; a comparison gives -1.
            {rank}
            {result}
            """;
    }

    /// <summary>Boundaries between sorted values; a tie goes to the lower value.</summary>
    public static IEnumerable<float> Boundaries(double[] sorted) =>
        Enumerable.Range(0, sorted.Length - 1).Select(i => LevelTable.Boundary(sorted[i], sorted[i + 1], tieGoesUp: false));

    private static string Count(string value, IEnumerable<string> boundaries) =>
        string.Join("\n    + ", boundaries.Select(boundary => $"VECTOR.GreaterThan({value}, VECTOR.Create({boundary})).AsInt32()"));
}
