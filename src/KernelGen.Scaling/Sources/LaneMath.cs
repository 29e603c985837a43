using System.Runtime.CompilerServices;

namespace KernelGen.Scaling;

/// <summary>
/// Elementary functions over lanes. Polynomials are those of the Cephes library in single precision (S. Moshier,
/// logf, expf, sinf, cosf), evaluated without fused multiply–add; errors are a few units in the last place.
/// </summary>
internal static class LaneMath
{
    /// <summary>
    /// A uniform number in (0, 1] with 40 random bits, fine near 0: 31 bits of one word and, half a step above them, 9
    /// low bits of another. The smallest is 2^-41, so that a Gaussian magnitude reaches √(2·41·ln 2) = 7.5.
    /// </summary>
    /// <param name="high">32 random bits.</param>
    /// <param name="low">32 random bits, of which the lowest nine are used.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Uniform<T>(T high, T low)
        where T : struct, ILanes<T>
    {
        T coarse = T.ToFloat(high >>> 1) * T.Of(4.656612873077393e-10f); // 2^-31
        T fine = (T.ToFloat(low & T.OfBits(0x1FFu)) + T.Of(0.5f)) * T.Of(9.094947017729282e-13f); // 2^-40
        return coarse + fine;
    }

    /// <summary>ln x for positive normal x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Log<T>(T x)
        where T : struct, ILanes<T>
    {
        // x = 2^e · m with m in [√½, √2): subtracting the bits of √½ lets the mantissa carry into the exponent there.
        T exponent = T.SubtractBits(x, T.OfBits(0x3F3504F3u)) >> 23;
        T e = T.ToFloat(exponent);
        T f = T.SubtractBits(x, exponent << 23) - T.Of(1f);
        T z = f * f;
        T p = T.Of(7.0376836292e-2f) * f - T.Of(1.1514610310e-1f);
        p = p * f + T.Of(1.1676998740e-1f);
        p = p * f - T.Of(1.2420140846e-1f);
        p = p * f + T.Of(1.4249322787e-1f);
        p = p * f - T.Of(1.6668057665e-1f);
        p = p * f + T.Of(2.0000714765e-1f);
        p = p * f - T.Of(2.4999993993e-1f);
        p = p * f + T.Of(3.3333331174e-1f);
        T y = f * z * p - e * T.Of(2.12194440e-4f) - T.Of(0.5f) * z;
        return f + y + e * T.Of(0.693359375f);
    }

    /// <summary>e^x − 1 for 0 ≤ x &lt; 88, with relative accuracy near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T ExpMinusOne<T>(T x)
        where T : struct, ILanes<T>
    {
        // Adding 1.5·2^23 leaves the nearest integer in the low bits of the sum.
        T magic = T.Of(12582912f);
        T shifted = x * T.Of(1.44269504f) + magic;
        T k = shifted - magic;
        T power = T.AddBits(T.SubtractBits(shifted, magic), T.OfBits(127u)) << 23;
        T f = x - k * T.Of(0.693359375f) + k * T.Of(2.12194440e-4f);
        T p = T.Of(1.9875691500e-4f) * f + T.Of(1.3981999507e-3f);
        p = p * f + T.Of(8.3334519073e-3f);
        p = p * f + T.Of(4.1665795894e-2f);
        p = p * f + T.Of(1.6666665459e-1f);
        p = p * f + T.Of(5.0000001201e-1f);
        return power * (p * f * f + f) + (power - T.Of(1f));
    }

    /// <summary>
    /// A point on the unit circle at a random angle of 23 bits: 21 choose the angle t in (−π/4, π/4), one the sign of
    /// cos t and one whether the coordinates change places; t is symmetric, so sin t needs no sign.
    /// </summary>
    /// <param name="random">32 random bits, of which the upper 23 are used.</param>
    /// <param name="x">First coordinate.</param>
    /// <param name="y">Second coordinate.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OnCircle<T>(T random, out T x, out T y)
        where T : struct, ILanes<T>
    {
        T t = (T.ToFloat(random >>> 9 & T.OfBits(0x1FFFFFu)) - T.Of(1048575.5f)) * T.Of(7.490140565847157e-7f); // π/2 · 2^-21
        T z = t * t;
        T sine = T.Of(8.3321608736e-3f) - T.Of(1.9515295891e-4f) * z;
        sine = sine * z - T.Of(1.6666654611e-1f);
        sine = sine * z * t + t;
        T cosine = T.Of(2.443315711809948e-5f) * z - T.Of(1.388731625493765e-3f);
        cosine = cosine * z + T.Of(4.166664568298827e-2f);
        cosine = cosine * z * z - T.Of(0.5f) * z + T.Of(1f);
        cosine ^= random << 1 & T.OfBits(0x80000000u);
        T swap = random >> 31;
        x = T.Select(swap, sine, cosine);
        y = T.Select(swap, cosine, sine);
    }

    /// <summary>Gives a magnitude the sign in the top bit of random bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T WithSign<T>(T magnitude, T random)
        where T : struct, ILanes<T> => magnitude ^ random & T.OfBits(0x80000000u);
}
