using System.ComponentModel;
using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Recipes;

/// <summary>
/// The levels of an element's codes and the nearest code to a level, one at a time and written to be read: part of the oracle.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ElementGrid
{
    private readonly float[] _levels;

    private ElementGrid(int bits, IEnumerable<double> written)
    {
        Bits = bits;
        Written = [.. written];
        double[] finite = [.. Written.Where(double.IsFinite)];
        (Lowest, Highest) = finite.Length == 0 ? (0, 0) : (finite.Min(), finite.Max());
        _levels = [.. Enumerable.Range(0, bits <= 8 ? 1 << bits : 0).Select(code => (float)Value(Math.Min(code, Written.Length - 1)))];
        Special = [.. Enumerable.Range(0, _levels.Length).Where(code => !float.IsFinite(_levels[code])).Select(code => (byte)code)];
    }

    /// <summary>Bits of a code.</summary>
    public int Bits { get; }

    /// <summary>The codes, of at most 8 bits, that stand for infinity or no number.</summary>
    public byte[] Special { get; }

    /// <summary>The level of each code that packing may write, NaN for the others; empty for elements of more than 8 bits.</summary>
    public double[] Written { get; }

    /// <summary>The lowest finite level that is written.</summary>
    public double Lowest { get; }

    /// <summary>The highest.</summary>
    public double Highest { get; }

    /// <summary>The largest magnitude of them: what max|x| is mapped to.</summary>
    public double Top => Math.Max(Math.Abs(Lowest), Math.Abs(Highest));

    /// <summary>Whether NaN and infinity are codes that packing writes.</summary>
    public virtual bool HoldsNonFinite => false;

    /// <summary>Code to level.</summary>
    /// <param name="code">A code.</param>
    public virtual float Level(int code) => _levels[code];

    /// <summary>Level to the nearest code.</summary>
    /// <param name="level">A level; finite unless the element holds others.</param>
    public abstract int Code(float level);

    /// <summary>The level of a code of at most 8 bits.</summary>
    protected abstract double Value(int code);

    /// <summary>Integers, possibly times a power of two.</summary>
    /// <param name="bits">Bits of a code, 1 to 8.</param>
    /// <param name="levels">Which integers.</param>
    /// <param name="code">How they are stored.</param>
    /// <param name="ties">What happens half-way.</param>
    /// <param name="fractionBits">The integer is the level times two to this power.</param>
    public static ElementGrid Integer(int bits, IntLevels levels, IntCode code, TieRule ties, int fractionBits = 0) =>
        new IntegerGrid(new(bits, levels, code, ties, fractionBits));

    /// <summary>Sign-magnitude floats.</summary>
    /// <param name="exponent">Exponent bits.</param>
    /// <param name="mantissa">Mantissa bits.</param>
    /// <param name="bias">Exponent bias.</param>
    /// <param name="specials">What the highest codes stand for.</param>
    /// <param name="ties">What happens half-way.</param>
    /// <param name="negativeZero">Whether the code of −0 is written.</param>
    /// <param name="holdsNonFinite">Whether NaN and infinity are written.</param>
    public static ElementGrid Float(
        int exponent,
        int mantissa,
        int bias,
        FloatSpecials specials,
        TieRule ties,
        bool negativeZero,
        bool holdsNonFinite
    ) => new FloatGrid(new(exponent, mantissa, bias, specials, ties, negativeZero, holdsNonFinite));

    /// <summary>A list of values; codes past its end stand for the last one.</summary>
    /// <param name="bits">Bits of a code.</param>
    /// <param name="values">The values in the order of their codes.</param>
    public static ElementGrid Codebook(int bits, params float[] values) => new CodebookGrid(bits, values);

    private readonly record struct IntegerShape(int Bits, IntLevels Levels, IntCode Code, TieRule Ties, int FractionBits)
    {
        public int Zero => Levels == IntLevels.Unsigned ? 0 : 1 << (Bits - 1);

        public int Lowest =>
            Levels switch
            {
                IntLevels.Symmetric => 1 - (1 << (Bits - 1)),
                IntLevels.Unsigned => 0,
                _ => -(1 << (Bits - 1)),
            };

        public int Highest => Levels == IntLevels.Unsigned ? (1 << Bits) - 1 : (1 << (Bits - 1)) - 1;

        /// <summary>The level of a code.</summary>
        public double Value(int code)
        {
            int sign = 1 << (Bits - 1),
                integer = Code == IntCode.TwosComplement ? (code ^ sign) - sign : code - Zero;
            return Math.ScaleB(Levels == IntLevels.Midrise ? integer + 0.5 : integer, -FractionBits);
        }

        /// <summary>Symmetric integers leave their lowest code unused.</summary>
        public IEnumerable<double> Written()
        {
            IntegerShape shape = this;
            return Enumerable
                .Range(0, 1 << Bits)
                .Select(shape.Value)
                .Select(level =>
                    shape.Levels == IntLevels.Symmetric && level < Math.ScaleB(shape.Lowest, -shape.FractionBits) ? double.NaN : level
                );
        }
    }

    private sealed class IntegerGrid(IntegerShape shape) : ElementGrid(shape.Bits, shape.Written())
    {
        private readonly float _factor = (float)Math.ScaleB(1.0, shape.FractionBits);

        public override int Code(float level)
        {
            float scaled = level * _factor;
            float rounded = (shape.Levels, shape.Ties) switch
            {
                (IntLevels.Midrise, _) => MathF.Floor(scaled),
                (_, TieRule.Up) => MathF.Truncate(scaled + (shape.Zero + 0.5f)) - shape.Zero,
                (_, TieRule.AwayFromZero) => MathF.Round(scaled, MidpointRounding.AwayFromZero),
                (_, TieRule.TowardZero) => MathF.CopySign(MathF.Ceiling(MathF.Abs(scaled) - 0.5f), scaled),
                _ => MathF.Round(scaled),
            };
            int integer = (int)Math.Clamp(rounded, shape.Lowest, shape.Highest);
            return shape.Code == IntCode.TwosComplement ? integer & (1 << Bits) - 1 : integer + shape.Zero;
        }

        protected override double Value(int code) => shape.Value(code);
    }

    private readonly record struct FloatShape(
        int Exponent,
        int Mantissa,
        int Bias,
        FloatSpecials Specials,
        TieRule Ties,
        bool NegativeZero,
        bool HoldsNonFinite
    )
    {
        public int Bits => 1 + Exponent + Mantissa;

        /// <summary>Magnitude code of the largest finite value.</summary>
        public int Largest =>
            Specials switch
            {
                FloatSpecials.NanOnly => (1 << (Bits - 1)) - 2,
                FloatSpecials.Ieee => (((1 << Exponent) - 1) << Mantissa) - 1,
                _ => (1 << (Bits - 1)) - 1,
            };

        /// <summary>The level of a code of at most 8 bits.</summary>
        public double Value(int code)
        {
            int magnitude = code & (1 << (Bits - 1)) - 1,
                exponent = magnitude >> Mantissa,
                mantissa = magnitude & (1 << Mantissa) - 1;
            double sign = magnitude == code ? 1 : -1;
            if (magnitude > Largest)
            {
                return Specials == FloatSpecials.Ieee && mantissa == 0 ? sign * double.PositiveInfinity : double.NaN;
            }
            double fraction = Math.ScaleB(mantissa, -Mantissa);
            return sign * (exponent == 0 ? Math.ScaleB(fraction, 1 - Bias) : Math.ScaleB(1 + fraction, exponent - Bias));
        }

        public IEnumerable<double> Written() => Bits > 8 ? [] : Enumerable.Range(0, 1 << Bits).Select(Value);
    }

    private sealed class FloatGrid(FloatShape shape) : ElementGrid(shape.Bits, shape.Written())
    {
        public override bool HoldsNonFinite => shape.HoldsNonFinite;

        public override float Level(int code) =>
            (shape.Exponent, shape.Mantissa) switch
            {
                (5, 10) => ScaleCodec.FromHalf((ushort)code),
                (8, 7) => ScaleCodec.FromBFloat16((ushort)code),
                (8, 23) => BitConverter.Int32BitsToSingle(code),
                _ => base.Level(code),
            };

        public override int Code(float level) =>
            (shape.Exponent, shape.Mantissa) switch
            {
                (5, 10) => MiniFloat.ToHalf(level),
                (8, 7) => MiniFloat.ToBFloat16(level),
                (8, 23) => BitConverter.SingleToInt32Bits(level),
                _ => MiniFloat.Encode(
                    level,
                    shape.Exponent,
                    shape.Mantissa,
                    shape.Bias,
                    shape.Largest,
                    shape.Ties,
                    shape.NegativeZero,
                    shape.HoldsNonFinite
                ),
            };

        protected override double Value(int code) => shape.Value(code);
    }

    private sealed class CodebookGrid(int bits, float[] values) : ElementGrid(bits, values.Select(value => (double)value))
    {
        public override int Code(float level) => NearestLevel.Index(values, level);

        protected override double Value(int code) => Written[code];
    }
}
