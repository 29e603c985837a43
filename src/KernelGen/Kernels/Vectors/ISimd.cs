using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

// The tests run every width of every kernel, not only the one that the machine would choose.
[assembly: InternalsVisibleTo("KernelGen.Tests")]

namespace KernelGen.Kernels.Vectors;

/// <summary>
/// Lanes of 32 bits, read as float32 or as integers. A kernel written once over this interface is compiled for each
/// width; every operation acts on its lane alone and rounds as IEEE 754 says, so that all widths give the same bits.
/// </summary>
/// <typeparam name="TSelf">The width: <see cref="Simd512"/>, <see cref="Simd256"/>, <see cref="Simd128"/> or
/// <see cref="Simd32"/>.</typeparam>
internal interface ISimd<TSelf>
    where TSelf : struct, ISimd<TSelf>
{
    /// <summary>Number of lanes: 16, 8, 4 or 1.</summary>
    static abstract int Count { get; }

    /// <summary>The same float in all lanes.</summary>
    static abstract TSelf Float(float value);

    /// <summary>The same integer in all lanes.</summary>
    static abstract TSelf Int(uint value);

    /// <summary>Loads floats.</summary>
    static abstract TSelf Load(ref float source, nuint offset);

    /// <summary>Loads integers.</summary>
    static abstract TSelf Load(ref uint source, nuint offset);

    /// <summary>Stores floats.</summary>
    static abstract void Store(TSelf value, ref float target, nuint offset);

    /// <summary>Stores integers.</summary>
    static abstract void Store(TSelf value, ref uint target, nuint offset);

    /// <summary>Stores the low byte of every lane.</summary>
    static abstract void StoreBytes(TSelf value, ref byte target, nuint offset);

    /// <summary>
    /// Lane i is <c>source[offset + (index in lane i)]</c>; indices are below <see cref="Count"/>, so many floats must be readable.
    /// </summary>
    static abstract TSelf LoadPermuted(ref float source, nuint offset, TSelf index);

    /// <summary>Lane i is <c>table[low four bits of lane i of index]</c>, from a table of 16 floats.</summary>
    static abstract TSelf Lookup16(ref float table, TSelf index);

    /// <summary>Lane i is made of the four of 16 bytes that the bytes of lane i of <paramref name="byteIndex"/> name.</summary>
    static abstract TSelf PickBytes(Vector128<byte> bytes, TSelf byteIndex);

    /// <summary>a + b in float32.</summary>
    static abstract TSelf Add(TSelf a, TSelf b);

    /// <summary>a − b in float32.</summary>
    static abstract TSelf Subtract(TSelf a, TSelf b);

    /// <summary>a · b in float32.</summary>
    static abstract TSelf Multiply(TSelf a, TSelf b);

    /// <summary>a / b in float32.</summary>
    static abstract TSelf Divide(TSelf a, TSelf b);

    /// <summary>a · b + c, rounded once.</summary>
    static abstract TSelf Fused(TSelf a, TSelf b, TSelf c);

    /// <summary>The smaller of two floats; no NaN.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>a &lt; b ? x : y, the comparison in float32.</summary>
    static abstract TSelf SelectLess(TSelf a, TSelf b, TSelf x, TSelf y);

    /// <summary>Whether a &lt; b in any lane, in float32.</summary>
    static abstract bool AnyLess(TSelf a, TSelf b);

    /// <summary>a + b modulo 2³².</summary>
    static abstract TSelf AddInt(TSelf a, TSelf b);

    /// <summary>a − b modulo 2³².</summary>
    static abstract TSelf SubtractInt(TSelf a, TSelf b);

    /// <summary>a · b modulo 2³².</summary>
    static abstract TSelf MultiplyInt(TSelf a, TSelf b);

    /// <summary>|a| of the signed integer.</summary>
    static abstract TSelf AbsInt(TSelf a);

    /// <summary>The signed integer as float32, to nearest even.</summary>
    static abstract TSelf ToFloat(TSelf a);

    /// <summary>a &amp; b.</summary>
    static abstract TSelf And(TSelf a, TSelf b);

    /// <summary>a ^ b.</summary>
    static abstract TSelf Xor(TSelf a, TSelf b);

    /// <summary>a ^ b &amp; mask.</summary>
    static abstract TSelf XorMasked(TSelf a, TSelf b, TSelf mask);

    /// <summary>Logical shift to the right of all lanes by the same count.</summary>
    static abstract TSelf ShiftRight(TSelf a, int count);

    /// <summary>Logical shift to the right of every lane by its own count, 0 … 31.</summary>
    static abstract TSelf ShiftRight(TSelf a, TSelf count);
}
