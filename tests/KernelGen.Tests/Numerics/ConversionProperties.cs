using CsCheck;
using KernelGen.Kernels.Elements;

namespace KernelGen.Tests;

/// <summary>Conversions of any float32 against a search of all values of the small type, in double precision.</summary>
public sealed class ConversionProperties
{
    private static readonly Gen<float> Bits = Gen.UInt.Select(BitConverter.UInt32BitsToSingle).Where(float.IsFinite);

    /// <summary>The finite magnitudes of a type in the order of their codes, from their definition.</summary>
    private static double[] Magnitudes(int exponentBits, int mantissaBits, int bias, int largest) =>
        [
            .. Enumerable
                .Range(0, largest + 1)
                .Select(code => (Exponent: code >> mantissaBits, Mantissa: code & (1 << mantissaBits) - 1))
                .Select(c =>
                    c.Exponent == 0
                        ? Math.ScaleB(c.Mantissa, 1 - bias - mantissaBits)
                        : Math.ScaleB((1 << mantissaBits) + c.Mantissa, c.Exponent - bias - mantissaBits)
                ),
        ];

    /// <summary>The code of the nearest magnitude, of two as near the even one; beyond the last the last.</summary>
    private static int Nearest(double[] magnitudes, float value)
    {
        double x = Math.Abs((double)value);
        int above = Array.BinarySearch(magnitudes, x);
        if (above >= 0)
        {
            return above;
        }
        above = ~above;
        if (above == magnitudes.Length)
        {
            return above - 1;
        }
        double up = magnitudes[above] - x,
            down = x - magnitudes[above - 1];
        return up < down || (up == down && above % 2 == 0) ? above : above - 1;
    }

    private static void Same(string type, int exponentBits, int mantissaBits, int bias, int largest, Func<float, int> encode)
    {
        double[] magnitudes = Magnitudes(exponentBits, mantissaBits, bias, largest);
        int sign = 1 << exponentBits + mantissaBits;
        // Values of the type and the middles between them, as well as any bits.
        Gen<float> near = Gen.Int[0, largest - 1]
            .Select(Gen.Int[-2, 2], Gen.Bool)
            .Select(
                (code, step, negative) =>
                {
                    float middle = (float)(0.5 * (magnitudes[code] + magnitudes[code + 1]));
                    float value = BitConverter.Int32BitsToSingle(Math.Max(0, BitConverter.SingleToInt32Bits(middle) + step));
                    return negative ? -value : value;
                }
            );
        Gen.OneOf(Bits, near)
            .Sample(
                value => encode(value) == (Nearest(magnitudes, value) | (float.IsNegative(value) ? sign : 0)),
                iter: 200_000,
                print: value => $"{type} of {value:R}: {encode(value):X4}, not {Nearest(magnitudes, value):X4}"
            );
    }

    [Fact]
    public void Binary16() => Same("binary16", 5, 10, 15, 0x7BFF, value => ScaleCodec.ToHalf(value));

    [Fact]
    public void BFloat16() => Same("bfloat16", 8, 7, 127, 0x7F7F, value => ScaleCodec.ToBFloat16(value));

    [Fact]
    public void E4M3() => Same("E4M3", 4, 3, 7, 0x7E, value => ScaleCodec.ToE4M3(value));

    /// <summary>The power of two at or below, from 2^−127 to 2^127.</summary>
    [Fact]
    public void E8M0() =>
        Bits.Where(value => value > 0)
            .Sample(
                value => ScaleCodec.FromE8M0(ScaleCodec.ToE8M0(value)) == Math.ScaleB(1, Math.Clamp(Math.ILogB(value), -127, 127)),
                iter: 200_000
            );
}
