using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan;

/// <summary>The value of every code of an element, and the boundaries between neighbouring values.</summary>
internal static class LevelTable
{
    /// <summary>Value by code; NaN and infinity where the code is no finite number. For elements of at most 8 bits.</summary>
    public static double[] Values(ElementModel element) =>
        element switch
        {
            IntElementModel integer => [.. Enumerable.Range(0, 1 << integer.Bits).Select(code => Value(integer, code))],
            FloatElementModel real => [.. Enumerable.Range(0, 1 << real.Bits).Select(code => Value(real, code))],
            CodebookElementModel codebook => [.. codebook.Values.Select(value => (double)value)],
            _ => throw new InvalidOperationException($"No levels for {element}."),
        };

    private static double Value(IntElementModel element, int code)
    {
        int sign = 1 << (element.Bits - 1);
        int integer = element.Code == IntCode.TwosComplement ? (code ^ sign) - sign : code - element.Zero;
        double level = element.Levels == IntLevels.Midrise ? integer + 0.5 : integer;
        return level * Math.Pow(2, -element.FractionBits);
    }

    private static double Value(FloatElementModel element, int code)
    {
        int magnitude = code & (1 << (element.Bits - 1)) - 1;
        int exponent = magnitude >> element.Mantissa,
            mantissa = magnitude & (1 << element.Mantissa) - 1;
        double sign = magnitude == code ? 1 : -1,
            fraction = mantissa * Math.Pow(2, -element.Mantissa);
        if (magnitude > LargestCode(element))
        {
            bool infinity = element.Specials == FloatSpecials.Ieee && mantissa == 0;
            return infinity ? sign * double.PositiveInfinity : double.NaN;
        }
        return exponent == 0
            ? sign * fraction * Math.Pow(2, 1 - element.Bias)
            : sign * (1 + fraction) * Math.Pow(2, exponent - element.Bias);
    }

    /// <summary>Magnitude code of the largest finite value.</summary>
    public static int LargestCode(FloatElementModel element)
    {
        int all = (1 << (element.Bits - 1)) - 1;
        return element.Specials switch
        {
            FloatSpecials.NanOnly => all - 1,
            FloatSpecials.Ieee => (((1 << element.Exponent) - 1) << element.Mantissa) - 1,
            _ => all,
        };
    }

    /// <summary>
    /// The largest float32 at or below the middle of two levels; one float less if a tie goes up. Then <c>x &gt; boundary</c>
    /// decides for every float32 x exactly as the distances do.
    /// </summary>
    public static float Boundary(double lower, double upper, bool tieGoesUp)
    {
        double middle = 0.5 * (lower + upper);
        float below = (float)middle;
        if (below > middle)
        {
            below = Previous(below);
        }
        return tieGoesUp && below == middle ? Previous(below) : below;
    }

    private static float Previous(float value)
    {
        if (value == 0)
        {
            return -1.401298464e-45f;
        }
        int bits = BitConverter.ToInt32(BitConverter.GetBytes(value), 0);
        return BitConverter.ToSingle(BitConverter.GetBytes(value > 0 ? bits - 1 : bits + 1), 0);
    }
}
