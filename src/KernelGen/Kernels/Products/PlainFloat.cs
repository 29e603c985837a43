using System.ComponentModel;
using System.Runtime.CompilerServices;
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

/// <summary>How weights become float32.</summary>
internal interface IPlainType
{
    /// <summary>Bytes of a weight.</summary>
    static abstract int Bytes { get; }

    /// <summary>Whether reading a weight takes so many steps that it is worth to do it once for all vectors.</summary>
    static abstract bool IsSlow { get; }

    static abstract TVector Load<TVector, TLanes>(ref byte source, nuint index)
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector>;
}

internal readonly struct Binary32 : IPlainType
{
    public static int Bytes => 4;

    public static bool IsSlow => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TVector, TLanes>(ref byte source, nuint index)
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector> => TLanes.Load(ref Unsafe.As<byte, float>(ref source), index);
}

internal readonly struct Binary16 : IPlainType
{
    public static int Bytes => 2;

    public static bool IsSlow => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TVector, TLanes>(ref byte source, nuint index)
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector> => TLanes.Float16(ref source, index);
}

internal readonly struct Brain16 : IPlainType
{
    public static int Bytes => 2;

    public static bool IsSlow => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TVector, TLanes>(ref byte source, nuint index)
        where TVector : struct
        where TLanes : struct, ICodeLanes<TVector> => TLanes.BFloat16(ref source, index);
}
