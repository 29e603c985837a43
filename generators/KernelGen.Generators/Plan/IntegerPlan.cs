using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan;

/// <summary>
/// A format's levels as integers times a step, where they are: <c>level = step · (stored + lowest)</c>; E2M1 is one of them,
/// as twice its values are integers. What the integer kernels are planned with.
/// </summary>
internal sealed class IntegerPlan
{
    /// <summary>Columns of a slice: activations have one scale for so many.</summary>
    public const int ActivationGroup = 32;

    /// <summary>Unsigned bytes go up to 128: two products with activations (of 127) then fit 16 bits.</summary>
    private const int LargestUnsigned = 128;

    private IntegerPlan(int[] integers, double[] levels, double step, int bits, int group, bool halfScales, bool hasOffsets)
    {
        Step = step;
        Nibbles = bits <= 4;
        Levels = Nibbles ? [.. Enumerable.Range(0, 16).Select(code => code < levels.Length ? levels[code] : 0)] : [];
        SliceColumns = Math.Min(group, ActivationGroup);
        SlicesPerScale = group / SliceColumns;
        HalfScales = halfScales;
        HasOffsets = hasOffsets;

        // activations times a power of two are exact, so that products with zero are zero
        int below = PowerOfTwoBelow(integers.Min()),
            largest = integers.Max() - below;
        bool codesAreIntegers =
            Nibbles
            && integers[0] == PowerOfTwoBelow(integers[0])
            && integers.Select((integer, code) => integer - code).Distinct().Count() == 1;
        IsSigned = largest > LargestUnsigned;
        HasTable = Nibbles && !codesAreIntegers;
        Lowest = IsSigned ? 0 : below;
        largest = Math.Min(largest, LargestUnsigned);
        // quads of four columns that are added in 16 bits before they are widened
        Chain = new[] { 8, 4, 2, 1 }.First(chain => chain == 1 || chain * 2 * largest * 127 <= short.MaxValue);
        Table = [.. integers.Select(integer => unchecked((byte)(integer - Lowest)))];
        Stored = Nibbles ? [.. Enumerable.Range(0, integers.Length).Select(code => (byte)code)] : Table;
    }

    /// <summary>The value of 1.</summary>
    public double Step { get; }

    /// <summary>Whether levels are integers times <see cref="Step"/>.</summary>
    public bool HasIntegers { get; private init; } = true;

    /// <summary>The levels of 16 nibbles; empty where codes are bytes.</summary>
    public double[] Levels { get; }

    /// <summary>The integer that a stored 0 stands for: 0, or a power of two with its sign changed.</summary>
    public int Lowest { get; }

    /// <summary>Whether two codes share a byte.</summary>
    public bool Nibbles { get; }

    /// <summary>Whether a nibble is an index into <see cref="Table"/>.</summary>
    public bool HasTable { get; }

    /// <summary>Whether bytes are two's complement, the range being too wide for unsigned ones.</summary>
    public bool IsSigned { get; }

    /// <summary>Quads that are added in 16 bits.</summary>
    public int Chain { get; }

    public int SliceColumns { get; }

    public int SlicesPerScale { get; }

    public bool HalfScales { get; }

    public bool HasOffsets { get; }

    /// <summary>What is added to integers that stand for levels between them: ½, or 0.</summary>
    public double Shift { get; private init; }

    /// <summary>The float that bytes hold, where they hold one; its mantissa is filled up to a byte.</summary>
    public FloatElementModel? SmallFloat { get; private init; }

    /// <summary>Terms whose sum is a weight.</summary>
    public int Stages { get; set; } = 1;

    /// <summary>Whether single weights may be others than their codes say.</summary>
    public bool HasExceptions { get; set; }

    /// <summary>The byte of each code in the dot product.</summary>
    public byte[] Table { get; }

    /// <summary>What is stored for each code.</summary>
    public byte[] Stored { get; private init; }

    /// <summary>0, or a power of two with its sign changed.</summary>
    private static int PowerOfTwoBelow(int number)
    {
        int below = number < 0 ? -1 : 0;
        while (below > number)
        {
            below *= 2;
        }
        return below;
    }

    /// <summary>
    /// The plan of a format of elements, or null where codes have more than 4 bits and levels are not integers times a power of two within
    /// a byte, or groups no multiple of 16.
    /// </summary>
    public static IntegerPlan? Of(BlockPlan plan)
    {
        int group = plan.Source == ScaleSource.Group ? plan.Group : plan.Block;
        // binary16 holds the scales of E4M3 exactly, if nothing is multiplied to them
        bool half =
            plan.Source == ScaleSource.Group
            && (plan.Scale!.Type == ScaleType.Float16 || (plan.Scale.Type == ScaleType.E4M3 && !plan.Model.HasTensorScale));
        return plan.Arms.Count == 0 || plan.Levels.Length == 0
            ? null
            : Of(plan.LevelOfEveryCode, plan.Element.Bits, group, half, plan.Offset is not null, plan.Element as FloatElementModel);
    }

    /// <summary>The plan of any format whose weights are levels times the scale of a group, plus its offset.</summary>
    /// <param name="levelOfEveryCode">Levels by code.</param>
    /// <param name="bits">Bits of a code.</param>
    /// <param name="group">Elements under one scale.</param>
    /// <param name="halfScales">Whether scales are binary16 numbers.</param>
    /// <param name="hasOffsets">Whether there are offsets.</param>
    /// <param name="element">The element, if it is a float.</param>
    public static IntegerPlan? Of(
        IEnumerable<double> levelOfEveryCode,
        int bits,
        int group,
        bool halfScales,
        bool hasOffsets,
        FloatElementModel? element = null
    )
    {
        if (!levelOfEveryCode.Any() || group % 16 != 0 || (group > 16 && group % 32 != 0))
        {
            return null;
        }
        double[] levels = [.. levelOfEveryCode.Select(level => IsSpecial(level) ? 0 : level)];
        for (int halvings = -8; halvings <= 8; halvings++)
        {
            double step = Math.Pow(2, -halvings);
            if (levels.All(level => level / step == Math.Round(level / step)))
            {
                int[] integers = [.. levels.Select(level => (int)Math.Min(Math.Max(level / step, -1000), 1000))];
                if (integers.Min() >= -128 && integers.Max() <= 127)
                {
                    return new IntegerPlan(integers, levels, step, bits, group, halfScales, hasOffsets);
                }
                if (integers.All(integer => Math.Abs(integer) % 2 == 1) && integers.Min() >= -255 && integers.Max() <= 255)
                {
                    // levels half-way between integers
                    int[] below = [.. integers.Select(integer => (integer - 1) / 2)];
                    return new IntegerPlan(below, levels, 2 * step, bits, group, halfScales, hasOffsets)
                    {
                        HasIntegers = false,
                        Shift = 0.5,
                    };
                }
                break;
            }
        }
        // any levels will do for products in float32, as long as a register holds them
        return bits <= 4
                ? new IntegerPlan([.. Enumerable.Range(0, levels.Length)], levels, 1, bits, group, halfScales, hasOffsets)
                {
                    HasIntegers = false,
                }
            : element is not null && HoldsInByte(element, levelOfEveryCode)
                ? new IntegerPlan([0], levels, 1, element.Bits, group, halfScales, hasOffsets)
                {
                    HasIntegers = false,
                    SmallFloat = element,
                    Stored = [.. levels.Select((_, code) => InByte(element, code))],
                }
            : null;
    }

    /// <summary>Whether a code has no finite level.</summary>
    public static bool IsSpecial(double level) => double.IsNaN(level) || double.IsInfinity(level);

    /// <summary>A float in a byte: sign, exponent, and the mantissa filled up with zeros.</summary>
    private static byte InByte(FloatElementModel element, int code)
    {
        int sign = code >> (element.Bits - 1),
            magnitude = code & ((1 << (element.Bits - 1)) - 1);
        return (byte)(sign << 7 | magnitude << (8 - element.Bits));
    }

    /// <summary>Whether bytes stand for the levels by the usual rule, all finite ones within the exponents of float32.</summary>
    private static bool HoldsInByte(FloatElementModel element, IEnumerable<double> levelOfEveryCode)
    {
        if (element.Bits > 8 || element.Exponent is < 1 or > 7 || element.Bias is < -60 or > 60)
        {
            return false;
        }
        int mantissaBits = 7 - element.Exponent;
        double Decoded(int stored)
        {
            int exponent = (stored & 127) >> mantissaBits;
            double mantissa = (stored & ((1 << mantissaBits) - 1)) * Math.Pow(2, -mantissaBits);
            double value = exponent == 0 ? mantissa * Math.Pow(2, 1 - element.Bias) : (1 + mantissa) * Math.Pow(2, exponent - element.Bias);
            return stored > 127 ? -value : value;
        }
        return levelOfEveryCode.Select((level, code) => IsSpecial(level) || level == Decoded(InByte(element, code))).All(same => same);
    }
}
