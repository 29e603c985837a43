using ILGPU;

namespace KernelGen.Gpu;

/// <summary>Numbers rounded to binary16 for tensor units, and activations as a whole.</summary>
public static class GpuHalves
{
    /// <summary>The largest number of a row or unit comes to lie in [2¹⁴, 2¹⁵): then 2⁻³⁹ of it is the step of the smallest.</summary>
    private const int Top = 127 + 14;

    /// <summary>The power of two to multiply by.</summary>
    /// <param name="largest">The largest absolute number.</param>
    public static float Factor(float largest) => Interop.IntAsFloat((uint)(Top + 127 - Exponent(largest)) << 23);

    /// <summary>The inverse of <see cref="Factor"/>.</summary>
    /// <param name="largest">The largest absolute number.</param>
    public static float Inverse(float largest) => Interop.IntAsFloat((uint)(Exponent(largest) + 127 - Top) << 23);

    /// <summary>Eight numbers times a power of two, rounded to nearest, ties to even.</summary>
    /// <param name="a">The first four.</param>
    /// <param name="b">The others.</param>
    /// <param name="factor">The power of two.</param>
    public static U4 Of<TMath>(F4 a, F4 b, float factor)
        where TMath : struct, IGpuMath
    {
        U4 all;
        all.X = TMath.ToHalves(a.X * factor, a.Y * factor);
        all.Y = TMath.ToHalves(a.Z * factor, a.W * factor);
        all.Z = TMath.ToHalves(b.X * factor, b.Y * factor);
        all.W = TMath.ToHalves(b.Z * factor, b.W * factor);
        return all;
    }

    /// <summary>Activations for <see cref="GpuTensor"/>: a group of threads takes a vector.</summary>
    /// <param name="shape">The numbers of the matrix.</param>
    /// <param name="x">Activations in the order of <see cref="GpuShape.XIndex"/>.</param>
    /// <param name="halves">Receives <see cref="GpuShape.HalfStride"/> records a vector, in the order of columns.</param>
    /// <param name="factors">Receives the power of two that each vector was divided by.</param>
    public static void Round<TMath>(GpuShape shape, ArrayView<F4> x, ArrayView<U4> halves, ArrayView<float> factors)
        where TMath : struct, IGpuMath
    {
        ArrayView<F4> partial = SharedMemory.Allocate<F4>(GpuKernels.GroupSize / 4);
        long first = Grid.IdxX * (long)shape.XStride;
        float own = 0f;
        for (int i = Group.IdxX; i < shape.XStride; i += Group.DimX)
        {
            own = IntrinsicMath.Max(own, F4.Largest(x[first + i]));
        }
        partial.Cast<float>()[Group.IdxX] = own;
        Group.Barrier();
        // every thread looks through all of them: one barrier, where halving would take eight
        float largest = 0f;
        for (int i = 0; i < GpuKernels.GroupSize / 4; i++)
        {
            largest = IntrinsicMath.Max(largest, F4.Largest(partial[i]));
        }
        int stride = GpuShape.HalfStride(shape.Units);
        for (int record = Group.IdxX; record < stride; record += Group.DimX)
        {
            long at = first + GpuShape.XIndex(record / 4) + record % 4 * 64;
            halves[Grid.IdxX * (long)stride + record] = Of<TMath>(x[at], x[at + 32], Factor(largest));
        }
        if (Group.IdxX == 0)
        {
            factors[Grid.IdxX] = Inverse(largest);
        }
    }

    /// <summary>The biased exponent, kept so far from the ends that both powers of two are normal numbers.</summary>
    private static int Exponent(float largest) => IntrinsicMath.Clamp((int)(Interop.FloatAsInt(largest) >> 23) & 255, Top - 126, 254);
}
