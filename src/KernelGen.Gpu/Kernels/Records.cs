using System.Runtime.InteropServices;

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
}

/// <summary>Eight bytes of codes: one 64-bit load.</summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
public struct U2
{
    /// <summary>The first word.</summary>
    public uint X;

    /// <summary>The last word.</summary>
    public uint Y;
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
}

/// <summary>The levels of a unit, 32 neighbouring weights, before they are scaled: eight quadruples, in registers on a device.</summary>
public struct GpuLevels
{
    /// <summary>Weights 0 to 3.</summary>
    public F4 A;

    /// <summary>Weights 4 to 7.</summary>
    public F4 B;

    /// <summary>Weights 8 to 11.</summary>
    public F4 C;

    /// <summary>Weights 12 to 15.</summary>
    public F4 D;

    /// <summary>Weights 16 to 19.</summary>
    public F4 E;

    /// <summary>Weights 20 to 23.</summary>
    public F4 F;

    /// <summary>Weights 24 to 27.</summary>
    public F4 G;

    /// <summary>Weights 28 to 31.</summary>
    public F4 H;
}
