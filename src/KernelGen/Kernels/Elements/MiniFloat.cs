using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// The scalar reference encoder of sign-magnitude floats, in double precision and without bit tricks: with E the
/// exponent of x, but no less than that of the smallest normal number, and n = x / 2^(E − M) rounded, the code is
/// (E + bias − 1)·2^M + n, for normal and subnormal numbers alike.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class MiniFloat
{
    /// <summary>The code nearest to a value.</summary>
    /// <param name="value">A value; NaN only with <paramref name="ieee"/>.</param>
    /// <param name="exponent">Exponent bits E.</param>
    /// <param name="mantissa">Mantissa bits M.</param>
    /// <param name="bias">Exponent bias.</param>
    /// <param name="largest">Magnitude code of the largest finite number.</param>
    /// <param name="ties">What happens half-way.</param>
    /// <param name="negativeZero">Whether the code of −0 may be given.</param>
    /// <param name="ieee">Whether overflow gives infinity and NaN stays NaN; otherwise magnitudes saturate.</param>
    public static int Encode(
        float value,
        int exponent,
        int mantissa,
        int bias,
        int largest,
        TieRule ties,
        bool negativeZero,
        bool ieee = false
    )
    {
        if (ieee && float.IsNaN(value))
        {
            return Signed((1 << exponent + mantissa) - 1, value, exponent + mantissa, negativeZero);
        }
        largest += ieee ? 1 : 0; // infinity is the code after the largest finite one
        double magnitude = Math.Abs((double)value);
        int smallest = 1 - bias;
        int e = magnitude == 0 ? smallest : Math.Max(Math.ILogB(magnitude), smallest);
        if (double.IsInfinity(magnitude) || e - smallest >= 1 << exponent)
        {
            return Signed(largest, value, exponent + mantissa, negativeZero);
        }
        double n = Math.ScaleB(magnitude, mantissa - e);
        int below = ((e - smallest) << mantissa) + (int)n;
        double rest = n - Math.Floor(n);
        bool up =
            rest > 0.5
            || (
                rest == 0.5
                && ties switch
                {
                    TieRule.TowardZero => false,
                    TieRule.AwayFromZero => true,
                    _ => (below & 1) == 1,
                }
            );
        return Signed(Math.Min(up ? below + 1 : below, largest), value, exponent + mantissa, negativeZero);
    }

    private static int Signed(int code, float value, int signBit, bool negativeZero) =>
        float.IsNegative(value) && (code != 0 || negativeZero) ? code | 1 << signBit : code;

    /// <summary>binary32 to binary16 bits as IEEE 754 converts: to nearest even, overflow to infinity.</summary>
    /// <param name="value">Any value.</param>
    public static ushort ToHalf(float value) => BitConverter.HalfToUInt16Bits((Half)value);

    /// <summary>binary32 to bfloat16 bits as IEEE 754 would: to nearest even, overflow to infinity, NaN stays NaN.</summary>
    /// <param name="value">Any value.</param>
    public static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)(bits >> 16 | 0x40) : (ushort)(bits + 0x7FFF + (bits >> 16 & 1) >> 16);
    }
}
