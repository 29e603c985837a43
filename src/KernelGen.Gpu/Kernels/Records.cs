using System.Runtime.InteropServices;
using ILGPU;

namespace KernelGen.Gpu;

/// <summary>Sixteen bytes of codes: one 128-bit load.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct U4
{
    /// <summary>The first word.</summary>
    public uint X;

    /// <summary>The second word.</summary>
    public uint Y;

    /// <summary>The third word.</summary>
    public uint Z;

    /// <summary>The last word.</summary>
    public uint W;

    /// <summary>Four words.</summary>
    /// <param name="x">The first.</param>
    /// <param name="y">The second.</param>
    /// <param name="z">The third.</param>
    /// <param name="w">The last.</param>
    public static U4 Of(uint x, uint y, uint z, uint w)
    {
        U4 all;
        all.X = x;
        all.Y = y;
        all.Z = z;
        all.W = w;
        return all;
    }
}

/// <summary>Eight bytes of codes: one 64-bit load.</summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
public struct U2
{
    /// <summary>The first word.</summary>
    public uint X;

    /// <summary>The last word.</summary>
    public uint Y;

    /// <summary>Two words.</summary>
    /// <param name="x">The first.</param>
    /// <param name="y">The last.</param>
    public static U2 Of(uint x, uint y)
    {
        U2 both;
        both.X = x;
        both.Y = y;
        return both;
    }
}

/// <summary>A unit's codes as bytes: eight words of four.</summary>
public struct GpuBytes
{
    /// <summary>Bytes 0 to 15.</summary>
    public U4 Low;

    /// <summary>Bytes 16 to 31.</summary>
    public U4 High;
}

/// <summary>Four activations: one 128-bit load.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct F4
{
    /// <summary>The first number.</summary>
    public float X;

    /// <summary>The second number.</summary>
    public float Y;

    /// <summary>The third number.</summary>
    public float Z;

    /// <summary>The last number.</summary>
    public float W;

    /// <summary>The inner product of two quadruples.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static float Dot(F4 a, F4 b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z + a.W * b.W;

    /// <summary>The sum of a quadruple.</summary>
    /// <param name="a">The numbers.</param>
    public static float Sum(F4 a) => a.X + a.Y + a.Z + a.W;

    /// <summary>Four numbers.</summary>
    /// <param name="x">The first.</param>
    /// <param name="y">The second.</param>
    /// <param name="z">The third.</param>
    /// <param name="w">The last.</param>
    public static F4 Of(float x, float y, float z, float w)
    {
        F4 all;
        all.X = x;
        all.Y = y;
        all.Z = z;
        all.W = w;
        return all;
    }

    /// <summary>Every number times a factor plus a term, rounded twice as on the CPU: the products are not fused.</summary>
    /// <param name="a">The numbers.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="term">The term.</param>
    public static F4 TimesPlus<TMath>(F4 a, float factor, float term)
        where TMath : struct, IGpuMath =>
        Of(
            TMath.Product(a.X, factor) + term,
            TMath.Product(a.Y, factor) + term,
            TMath.Product(a.Z, factor) + term,
            TMath.Product(a.W, factor) + term
        );

    /// <summary>Every number times a factor.</summary>
    /// <param name="a">The numbers.</param>
    /// <param name="factor">The factor.</param>
    public static F4 Times(F4 a, float factor) => Of(a.X * factor, a.Y * factor, a.Z * factor, a.W * factor);

    /// <summary>Those numbers whose bits are set, zeros in place of the others.</summary>
    /// <param name="a">The numbers.</param>
    /// <param name="kept">The bits, the lowest for the first.</param>
    public static F4 Masked(F4 a, uint kept) =>
        Of((kept & 1u) != 0u ? a.X : 0f, (kept & 2u) != 0u ? a.Y : 0f, (kept & 4u) != 0u ? a.Z : 0f, (kept & 8u) != 0u ? a.W : 0f);

    /// <summary>The largest absolute number.</summary>
    /// <param name="a">The numbers.</param>
    public static float Largest(F4 a) =>
        IntrinsicMath.Max(
            IntrinsicMath.Max(IntrinsicMath.Abs(a.X), IntrinsicMath.Abs(a.Y)),
            IntrinsicMath.Max(IntrinsicMath.Abs(a.Z), IntrinsicMath.Abs(a.W))
        );
}

/// <summary>A unit, 32 neighbouring weights or activations: eight quadruples, in registers on a device.</summary>
public struct GpuUnit
{
    /// <summary>Numbers 0 to 3.</summary>
    public F4 A;

    /// <summary>Numbers 4 to 7.</summary>
    public F4 B;

    /// <summary>Numbers 8 to 11.</summary>
    public F4 C;

    /// <summary>Numbers 12 to 15.</summary>
    public F4 D;

    /// <summary>Numbers 16 to 19.</summary>
    public F4 E;

    /// <summary>Numbers 20 to 23.</summary>
    public F4 F;

    /// <summary>Numbers 24 to 27.</summary>
    public F4 G;

    /// <summary>Numbers 28 to 31.</summary>
    public F4 H;

    /// <summary>Those numbers whose bits are set, zeros in place of the others.</summary>
    /// <param name="a">The unit.</param>
    /// <param name="kept">The bits, the lowest for the first.</param>
    public static GpuUnit Masked(GpuUnit a, uint kept)
    {
        GpuUnit masked;
        masked.A = F4.Masked(a.A, kept);
        masked.B = F4.Masked(a.B, kept >> 4);
        masked.C = F4.Masked(a.C, kept >> 8);
        masked.D = F4.Masked(a.D, kept >> 12);
        masked.E = F4.Masked(a.E, kept >> 16);
        masked.F = F4.Masked(a.F, kept >> 20);
        masked.G = F4.Masked(a.G, kept >> 24);
        masked.H = F4.Masked(a.H, kept >> 28);
        return masked;
    }

    /// <summary>The activations of a unit, which are stored 32 quadruples apart.</summary>
    /// <param name="x">The activations of a vector.</param>
    /// <param name="at">The unit's first quadruple, see <see cref="GpuShape.XIndex"/>.</param>
    public static GpuUnit Load(ArrayView<F4> x, int at)
    {
        ArrayView<F4> own = x.SubView(at, 225);
        GpuUnit unit;
        unit.A = own[0];
        unit.B = own[32];
        unit.C = own[64];
        unit.D = own[96];
        unit.E = own[128];
        unit.F = own[160];
        unit.G = own[192];
        unit.H = own[224];
        return unit;
    }
}
