using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>What the elements of a format are that has nothing but elements: floats of the usual types one after the other.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum PlainFloat
{
    /// <summary>Something else.</summary>
    None,

    /// <summary>binary32.</summary>
    Float32,

    /// <summary>binary16.</summary>
    Float16,

    /// <summary>bfloat16.</summary>
    BFloat16,
}

/// <summary>Σ w·x over a row of plain floats, read where they lie.</summary>
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
        where TType : struct, IType
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
        where TType : struct, IType
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
        Span<float> sums = stackalloc float[16];
        TLanes.Store(TLanes.Add(TLanes.Add(a, b), TLanes.Add(c, d)), ref MemoryMarshal.GetReference(sums), 0);
        double sum = 0; // all of a row where there are no vectors, whose roundings would all go the same way
        foreach (float part in sums[..TLanes.Count])
        {
            sum += part;
        }
        for (; i < (nuint)count; i++)
        {
            sum += (double)TType.Load<float, FloatLanes32>(ref w, i) * Unsafe.Add(ref x, i);
        }
        return (float)sum;
    }

    /// <summary>How weights become float32.</summary>
    internal interface IType
    {
        static abstract TVector Load<TVector, TLanes>(ref byte source, nuint index)
            where TVector : struct
            where TLanes : struct, ICodeLanes<TVector>;
    }

    internal readonly struct Binary32 : IType
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Load<TVector, TLanes>(ref byte source, nuint index)
            where TVector : struct
            where TLanes : struct, ICodeLanes<TVector> => TLanes.Load(ref Unsafe.As<byte, float>(ref source), index);
    }

    internal readonly struct Binary16 : IType
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Load<TVector, TLanes>(ref byte source, nuint index)
            where TVector : struct
            where TLanes : struct, ICodeLanes<TVector> => TLanes.Float16(ref source, index);
    }

    internal readonly struct Brain16 : IType
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Load<TVector, TLanes>(ref byte source, nuint index)
            where TVector : struct
            where TLanes : struct, ICodeLanes<TVector> => TLanes.BFloat16(ref source, index);
    }
}
