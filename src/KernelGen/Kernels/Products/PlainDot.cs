using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>Products of rows of plain floats, read where they lie.</summary>
internal static class PlainDot
{
    /// <summary>The sum over all activations.</summary>
    /// <param name="type">Type of the weights.</param>
    /// <param name="row">The weights.</param>
    /// <param name="x">The activations.</param>
    public static float Run(PlainFloat type, ReadOnlySpan<byte> row, ReadOnlySpan<float> x) =>
        type switch
        {
            PlainFloat.Float32 => Run<Binary32>(row[..(4 * x.Length)], x),
            PlainFloat.Float16 => Run<Binary16>(row[..(2 * x.Length)], x),
            _ => Run<Brain16>(row[..(2 * x.Length)], x),
        };

    private static float Run<TType>(ReadOnlySpan<byte> row, ReadOnlySpan<float> x)
        where TType : struct, IPlainType
    {
        ref byte w = ref MemoryMarshal.GetReference(row);
        ref float a = ref MemoryMarshal.GetReference(x);
        if (Vector512.IsHardwareAccelerated)
        {
            return Run<TType, Vector512<float>, FloatLanes512>(ref w, ref a, x.Length);
        }
        if (Vector256.IsHardwareAccelerated)
        {
            return Run<TType, Vector256<float>, FloatLanes256>(ref w, ref a, x.Length);
        }
        return Vector128.IsHardwareAccelerated
            ? Run<TType, Vector128<float>, FloatLanes128>(ref w, ref a, x.Length)
            : Run<TType, float, FloatLanes32>(ref w, ref a, x.Length);
    }

    internal static float Run<TType, TVector, TLanes>(ref byte w, ref float x, int count)
        where TType : struct, IPlainType
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector>
    {
        TVector a = TLanes.Broadcast(0f),
            b = a,
            c = a,
            d = a;
        nuint i = 0,
            lanes = (nuint)TLanes.Count;
        for (; i + 4 * lanes <= (nuint)count; i += 4 * lanes)
        {
            a = TLanes.Estimate(TType.Load<TVector, TLanes>(ref w, i), TLanes.Load(ref x, i), a);
            b = TLanes.Estimate(TType.Load<TVector, TLanes>(ref w, i + lanes), TLanes.Load(ref x, i + lanes), b);
            c = TLanes.Estimate(TType.Load<TVector, TLanes>(ref w, i + 2 * lanes), TLanes.Load(ref x, i + 2 * lanes), c);
            d = TLanes.Estimate(TType.Load<TVector, TLanes>(ref w, i + 3 * lanes), TLanes.Load(ref x, i + 3 * lanes), d);
        }
        // in double: where there are no vectors, this is all of a row, whose roundings would all go the same way
        double sum = TLanes.Sum(TLanes.Add(TLanes.Add(a, b), TLanes.Add(c, d)));
        for (; i < (nuint)count; i++)
        {
            sum += (double)TType.Load<float, FloatLanes32>(ref w, i) * Unsafe.Add(ref x, i);
        }
        return (float)sum;
    }
}
