using ILGPU;
using KernelGen.Kernels.Elements;

namespace KernelGen.Gpu;

/// <summary>Points of E8P on a device, half a point at a time; see <see cref="E8P"/> for the code.</summary>
public static class GpuLattice
{
    /// <summary>Coordinates 0 to 3.</summary>
    /// <param name="patterns">The patterns, two words each.</param>
    /// <param name="code">The code of 16 bits.</param>
    public static F4 Low(ArrayView<uint> patterns, uint code)
    {
        uint bytes = patterns[(int)(code & 255u) * 2];
        return Point(bytes, (code >> 8) & 15u, Shift(code));
    }

    /// <summary>Coordinates 4 to 7; the sign of the last makes the sum of all even.</summary>
    /// <param name="patterns">The patterns, two words each.</param>
    /// <param name="code">The code of 16 bits.</param>
    public static F4 High(ArrayView<uint> patterns, uint code)
    {
        int at = (int)(code & 255u) * 2;
        uint low = patterns[at],
            high = patterns[at + 1],
            signs = (code >> 8) & 127u;
        // doubled coordinates are odd: their sum, halved, is even or odd by the signs and by how many of them are 3 modulo 4
        uint threes = ((low >> 1) & 0x01010101u) + ((high >> 1) & 0x01010101u);
        int parity = (IntrinsicMath.PopCount(signs) + (int)((threes * 0x01010101u) >> 24)) & 1;
        return Point(high, (signs >> 4) | ((uint)parity << 3), Shift(code));
    }

    /// <summary>A point and a multiple of another.</summary>
    /// <param name="a">The point.</param>
    /// <param name="b">The other.</param>
    /// <param name="ratio">The multiple.</param>
    public static F4 Add(F4 a, F4 b, float ratio)
    {
        F4 sum;
        sum.X = a.X + b.X * ratio;
        sum.Y = a.Y + b.Y * ratio;
        sum.Z = a.Z + b.Z * ratio;
        sum.W = a.W + b.W * ratio;
        return sum;
    }

    /// <summary>A point and a multiple of four numbers of a table.</summary>
    /// <param name="a">The point.</param>
    /// <param name="table">The table.</param>
    /// <param name="first">The first of the numbers.</param>
    /// <param name="ratio">The multiple.</param>
    public static F4 AddEntry(F4 a, ArrayView<float> table, int first, float ratio)
    {
        F4 entry;
        entry.X = table[first];
        entry.Y = table[first + 1];
        entry.Z = table[first + 2];
        entry.W = table[first + 3];
        return Add(a, entry, ratio);
    }

    private static float Shift(uint code) => (code & 0x8000u) != 0u ? 0.25f : -0.25f;

    private static F4 Point(uint bytes, uint signs, float shift)
    {
        F4 point;
        point.X = Coordinate(bytes & 255u, signs & 1u) + shift;
        point.Y = Coordinate((bytes >> 8) & 255u, (signs >> 1) & 1u) + shift;
        point.Z = Coordinate((bytes >> 16) & 255u, (signs >> 2) & 1u) + shift;
        point.W = Coordinate(bytes >> 24, (signs >> 3) & 1u) + shift;
        return point;
    }

    private static float Coordinate(uint doubled, uint sign)
    {
        float magnitude = (float)(int)doubled * 0.5f;
        return sign != 0u ? -magnitude : magnitude;
    }
}
