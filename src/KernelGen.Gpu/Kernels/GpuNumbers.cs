using ILGPU;
using KernelGen.Kernels.Elements;

namespace KernelGen.Gpu;

/// <summary>
/// Decoding of small types on a device, with the results of <see cref="ScaleCodec"/>. Integer arithmetic and normal numbers
/// only: devices may flush subnormal ones to zero.
/// </summary>
public static class GpuNumbers
{
    /// <summary>binary16.</summary>
    /// <param name="bits">The bits.</param>
    public static float FromHalf(uint bits)
    {
        uint magnitude = bits & 0x7FFFu;
        uint value = (magnitude << 13) + (112u << 23);
        uint nonFinite = (magnitude << 13) | 0x7F800000u;
        uint subnormal = Interop.FloatAsInt((float)(int)magnitude * 5.9604645E-08f);
        uint finite =
            magnitude < 0x400u ? subnormal
            : magnitude >= 0x7C00u ? nonFinite
            : value;
        return Interop.IntAsFloat(finite | ((bits & 0x8000u) << 16));
    }

    /// <summary>To binary16, to nearest with ties to even.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The bits.</returns>
    public static uint ToHalf(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint magnitude = bits & 0x7FFFFFFFu;
        uint normal = (magnitude - (112u << 23) + 0xFFFu + ((magnitude >> 13) & 1u)) >> 13;
        // one half has the step of the smallest binary16 numbers: the sum rounds to it
        uint subnormal = Interop.FloatAsInt(Interop.IntAsFloat(magnitude) + 0.5f) - 0x3F000000u;
        uint finite = magnitude < (113u << 23) ? subnormal : normal;
        uint half =
            magnitude > 0x7F800000u ? 0x7E00u
            : magnitude >= (143u << 23) ? 0x7C00u
            : finite;
        return half | ((bits >> 16) & 0x8000u);
    }

    /// <summary>An integer code as a level, without a conversion: bits below 23 of the mantissa of 2²³.</summary>
    /// <param name="bits">The bits of 2²³ and the code, shifted up by some bits.</param>
    /// <param name="factor">The power of two that takes the shift back.</param>
    /// <param name="constant">2²³ · factor and the zero point; every step is exact.</param>
    public static float Integer(uint bits, float factor, float constant) => Interop.IntAsFloat(bits) * factor - constant;

    /// <summary>
    /// A float of a few bits, without a table: its bits in the places of binary32, times a power of two for the bias. Its
    /// subnormal numbers are subnormal there as well, so the device must not flush those.
    /// </summary>
    /// <param name="top">The code in the highest bits; what is below is ignored.</param>
    /// <param name="shift">From there to the exponent's place: 8 without its bits.</param>
    /// <param name="mask">The bits of sign, exponent and mantissa in their places.</param>
    /// <param name="factor">The power of two.</param>
    public static float Small(uint top, int shift, uint mask, float factor) =>
        Interop.IntAsFloat((uint)((int)top >> shift) & mask) * factor;

    /// <summary>The same where the highest codes are not finite.</summary>
    /// <param name="top">The code in the highest bits.</param>
    /// <param name="shift">From there to the exponent's place.</param>
    /// <param name="mask">The bits of sign, exponent and mantissa in their places.</param>
    /// <param name="factor">The power of two.</param>
    /// <param name="most">The bits of the largest finite number in their places.</param>
    /// <param name="special">What is set in those above: the exponent of infinity, and for codes that are all NaN its quiet bit.</param>
    public static float SmallOrSpecial(uint top, int shift, uint mask, float factor, uint most, uint special)
    {
        uint bits = (uint)((int)top >> shift) & mask;
        uint set = (bits & 0x7FFFFFFFu) > most ? special : 0u;
        return Interop.IntAsFloat(Interop.FloatAsInt(Interop.IntAsFloat(bits) * factor) | set);
    }

    /// <summary>A bit in each byte of a word whose lower seven bits are all ones: NaN of E4M3.</summary>
    /// <param name="bytes">The word.</param>
    public static uint WithoutZeros(uint bytes) => ((bytes & 0x7F7F7F7Fu) + 0x01010101u) & 0x80808080u;

    /// <summary>bfloat16.</summary>
    /// <param name="bits">The bits.</param>
    public static float FromBFloat16(uint bits) => Interop.IntAsFloat(bits << 16);

    /// <summary>OCP E8M0.</summary>
    /// <param name="code">The code.</param>
    public static float FromE8M0(uint code) =>
        Interop.IntAsFloat(
            code == 0u ? 0x400000u
            : code == 255u ? 0x7FC00000u
            : code << 23
        );

    /// <summary>OCP E4M3.</summary>
    /// <param name="code">The code.</param>
    public static float FromE4M3(uint code)
    {
        uint magnitude = code & 0x7Fu;
        uint normal = (magnitude << 20) + (120u << 23);
        uint subnormal = Interop.FloatAsInt((float)(int)magnitude * 0.001953125f);
        uint value =
            magnitude == 0x7Fu ? 0x7FC00000u
            : magnitude < 8u ? subnormal
            : normal;
        return Interop.IntAsFloat(value | ((code & 0x80u) << 24));
    }

    /// <summary>ggml's unsigned E4M3.</summary>
    /// <param name="code">The code.</param>
    public static float FromUE4M3(uint code) => (code & 0x7Fu) == 0x7Fu ? 0f : FromE4M3(code & 0x7Fu);

    /// <summary>Thirty-two bits of a bit string.</summary>
    /// <param name="words">The string.</param>
    /// <param name="at">The word that holds the first of them.</param>
    /// <param name="shift">Its bits in front of that, 0 to 31.</param>
    public static uint Window(ArrayView<uint> words, long at, int shift) =>
        (words[at] >> shift) | (shift == 0 ? 0u : words[at + 1] << (32 - shift));
}
