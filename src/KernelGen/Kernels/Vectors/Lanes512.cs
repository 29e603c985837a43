using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>
/// What generated kernels need of a 512-bit vector of 16 lanes beyond <see cref="Vector512"/>: loads that spread packed
/// codes over lanes, stores that narrow them, table lookups. Use only where <see cref="Vector512.IsHardwareAccelerated"/>.
/// Members take a plane of codes and the index of the first element; a plane's order is in the member's name.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Lanes512
{
    /// <summary>Elements in a vector.</summary>
    public const int Count = 16;

    /// <summary>16 unsigned bytes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Bytes(ref readonly byte plane, int index) =>
        Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in plane, (nuint)index));

    /// <summary>16 two's-complement bytes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> SignedBytes(ref readonly byte plane, int index) =>
        Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in plane, (nuint)index).AsSByte());

    /// <summary>16 little-endian unsigned 16-bit codes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Words(ref readonly byte plane, int index) =>
        Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in plane, (nuint)index * 2).AsUInt16());

    /// <summary>16 little-endian 32-bit codes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> DoubleWords(ref readonly byte plane, int index) =>
        Vector512.LoadUnsafe(in plane, (nuint)index * 4).AsInt32();

    /// <summary>Eight bytes that hold elements j and j + 8 in their nibbles.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> FoldedNibbles(ref readonly byte plane, int index)
    {
        ulong bytes = Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index));
        return Avx512F.ConvertToVector512Int32(Vector128.Create(bytes & 0x0F0F0F0F0F0F0F0F, bytes >> 4 & 0x0F0F0F0F0F0F0F0F).AsByte());
    }

    /// <summary>Eight bytes that hold neighbouring elements in their nibbles, the first in the low one.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Nibbles(ref readonly byte plane, int index) =>
        Avx512F.ConvertToVector512Int32(NibblePairs.Spread(Wide(in plane, index), highFirst: false));

    /// <summary>Eight bytes that hold neighbouring elements in their nibbles, the first in the high one.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> NibblesHighFirst(ref readonly byte plane, int index) =>
        Avx512F.ConvertToVector512Int32(NibblePairs.Spread(Wide(in plane, index), highFirst: true));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Wide(ref readonly byte plane, int index) =>
        Vector128.WidenLower(
            Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index / 2))).AsByte()
        );

    /// <summary>Four bytes of 2-bit codes, the first in the low bits.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Pairs(ref readonly byte plane, int index) =>
        (
            Avx512F.ShiftRightLogicalVariable(
                Vector512.Create(Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index / 4))),
                Vector512.Create(0u, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
            ) & Vector512.Create(3u)
        ).AsInt32();

    /// <summary>Four bytes of 2-bit codes, the first in the high bits.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> PairsHighFirst(ref readonly byte plane, int index) =>
        (
            Avx512F.ShiftRightLogicalVariable(
                Vector512.Create(Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index / 4))),
                Vector512.Create(6u, 4, 2, 0, 14, 12, 10, 8, 22, 20, 18, 16, 30, 28, 26, 24)
            ) & Vector512.Create(3u)
        ).AsInt32();

    /// <summary>Two bytes of 1-bit codes, the first in the lowest bit.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Bits(ref readonly byte plane, int index) =>
        (
            Avx512F.ShiftRightLogicalVariable(
                Vector512.Create((uint)Unsafe.ReadUnaligned<ushort>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index / 8))),
                Vector512.Create(0u, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
            ) & Vector512.Create(1u)
        ).AsInt32();

    /// <summary>Two bytes of 1-bit codes, the first in the highest bit.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> BitsHighFirst(ref readonly byte plane, int index) =>
        (
            Avx512F.ShiftRightLogicalVariable(
                Vector512.Create((uint)Unsafe.ReadUnaligned<ushort>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index / 8))),
                Vector512.Create(7u, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)
            ) & Vector512.Create(1u)
        ).AsInt32();

    /// <summary>Entries of a table of 16.</summary>
    /// <param name="table">First entry.</param>
    /// <param name="code">Indices 0 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Lookup16(ref readonly float table, Vector512<int> code) =>
        Avx512F.PermuteVar16x32(Vector512.LoadUnsafe(in table), code);

    /// <summary>Entries of a table of 16 that is held in a register.</summary>
    /// <param name="table">The table.</param>
    /// <param name="code">Indices in the lowest four bits; the others do not count.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Permute(Vector512<float> table, Vector512<int> code) => Avx512F.PermuteVar16x32(table, code);

    /// <summary>Entries of a table of a multiple of 16.</summary>
    /// <param name="table">The table.</param>
    /// <param name="code">Indices into it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Lookup(ReadOnlySpan<float> table, Vector512<int> code)
    {
        Vector512<int> part = code >>> 4;
        Vector512<float> result = Vector512<float>.Zero;
        for (int i = 0; i < table.Length; i += 16)
        {
            Vector512<float> entries = Avx512F.PermuteVar16x32(Vector512.Create(table.Slice(i, 16)), code);
            result = Vector512.ConditionalSelect(Vector512.Equals(part, Vector512.Create(i >> 4)).AsSingle(), entries, result);
        }
        return result;
    }

    /// <summary>Stores the low byte of each lane.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the target.</param>
    /// <param name="index">Index of the first byte to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector512<int> code, ref byte target, int index) =>
        Avx512F.ConvertToVector128Byte(code).StoreUnsafe(ref target, (nuint)index);

    /// <summary>Finite binary16 numbers.</summary>
    /// <param name="source">First byte of the numbers.</param>
    /// <param name="index">Index of the first number to load.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Halves(ref byte source, nuint index)
    {
        // sign, exponent and mantissa move to their places in binary32 together, 2^112 mends the bias
        Vector512<int> bits = Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(ref source, index * 2).AsInt16());
        return (bits << 13 & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector512.Create(5.192296858534828e33f);
    }

    /// <summary>Stores the lowest bit of each lane, the first in the lowest bit of a byte.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBits(Vector512<int> code, ref byte target, int index) =>
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, index / 8), (ushort)(code << 31).ExtractMostSignificantBits());

    /// <summary>Stores the low 16 bits of each lane.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the target.</param>
    /// <param name="index">Index of the first code to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(Vector512<int> code, ref byte target, int index) =>
        Avx512F.ConvertToVector256UInt16(code).AsByte().StoreUnsafe(ref target, (nuint)index * 2);

    /// <summary>Stores each lane.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the target.</param>
    /// <param name="index">Index of the first code to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDoubleWords(Vector512<int> code, ref byte target, int index) =>
        code.AsByte().StoreUnsafe(ref target, (nuint)index * 4);
}
