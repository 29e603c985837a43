using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>
/// What generated kernels need of a 256-bit vector of 8 lanes beyond <see cref="Vector256"/>: loads that spread packed
/// codes over lanes, stores that narrow them, table lookups. Use only where <see cref="Vector256.IsHardwareAccelerated"/>.
/// Members take a plane of codes and the index of the first element; a plane's order is in the member's name.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Lanes256
{
    /// <summary>Elements in a vector.</summary>
    public const int Count = 8;

    /// <summary>8 unsigned bytes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Bytes(ref readonly byte plane, int index) => Avx2.ConvertToVector256Int32(Load8(in plane, index));

    /// <summary>8 two's-complement bytes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> SignedBytes(ref readonly byte plane, int index) =>
        Avx2.ConvertToVector256Int32(Load8(in plane, index).AsSByte());

    /// <summary>8 little-endian unsigned 16-bit codes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Words(ref readonly byte plane, int index) =>
        Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(in plane, (nuint)index * 2).AsUInt16());

    /// <summary>8 little-endian 32-bit codes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> DoubleWords(ref readonly byte plane, int index) =>
        Vector256.LoadUnsafe(in plane, (nuint)index * 4).AsInt32();

    /// <summary>Four bytes that hold elements j and j + 4 in their nibbles.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> FoldedNibbles(ref readonly byte plane, int index)
    {
        ulong bytes = Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index));
        return Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(bytes & 0x0F0F0F0F | (bytes & 0xF0F0F0F0) << 28).AsByte());
    }

    /// <summary>Four bytes that hold neighbouring elements in their nibbles, the first in the low one.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Nibbles(ref readonly byte plane, int index) =>
        Avx2.ConvertToVector256Int32(NibblePairs.Spread(Wide(in plane, index), highFirst: false));

    /// <summary>Four bytes that hold neighbouring elements in their nibbles, the first in the high one.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> NibblesHighFirst(ref readonly byte plane, int index) =>
        Avx2.ConvertToVector256Int32(NibblePairs.Spread(Wide(in plane, index), highFirst: true));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Wide(ref readonly byte plane, int index) =>
        Vector128.WidenLower(
            Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index / 2))).AsByte()
        );

    /// <summary>Two bytes of 2-bit codes, the first in the low bits.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Pairs(ref readonly byte plane, int index) =>
        (
            Avx2.ShiftRightLogicalVariable(
                Vector256.Create((uint)Unsafe.ReadUnaligned<ushort>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index / 4))),
                Vector256.Create(0u, 2, 4, 6, 8, 10, 12, 14)
            ) & Vector256.Create(3u)
        ).AsInt32();

    /// <summary>Two bytes of 2-bit codes, the first in the high bits.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> PairsHighFirst(ref readonly byte plane, int index) =>
        (
            Avx2.ShiftRightLogicalVariable(
                Vector256.Create((uint)Unsafe.ReadUnaligned<ushort>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index / 4))),
                Vector256.Create(6u, 4, 2, 0, 14, 12, 10, 8)
            ) & Vector256.Create(3u)
        ).AsInt32();

    /// <summary>A byte of 1-bit codes, the first in the lowest bit.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Bits(ref readonly byte plane, int index) =>
        (
            Avx2.ShiftRightLogicalVariable(
                Vector256.Create((uint)Unsafe.Add(ref Unsafe.AsRef(in plane), index / 8)),
                Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7)
            ) & Vector256.Create(1u)
        ).AsInt32();

    /// <summary>A byte of 1-bit codes, the first in the highest bit.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> BitsHighFirst(ref readonly byte plane, int index) =>
        (
            Avx2.ShiftRightLogicalVariable(
                Vector256.Create((uint)Unsafe.Add(ref Unsafe.AsRef(in plane), index / 8)),
                Vector256.Create(7u, 6, 5, 4, 3, 2, 1, 0)
            ) & Vector256.Create(1u)
        ).AsInt32();

    /// <summary>Entries of a table of 16.</summary>
    /// <param name="table">First entry.</param>
    /// <param name="code">Indices 0 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Lookup16(ref readonly float table, Vector256<int> code)
    {
        // The permutation reads the low three bits of an index; the fourth chooses the half.
        Vector256<float> low = Avx2.PermuteVar8x32(Vector256.LoadUnsafe(in table), code);
        Vector256<float> high = Avx2.PermuteVar8x32(Vector256.LoadUnsafe(in table, 8), code);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(code, Vector256.Create(7)).AsSingle(), high, low);
    }

    /// <summary>Entries of a table of a multiple of 16.</summary>
    /// <param name="table">The table.</param>
    /// <param name="code">Indices into it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Lookup(ReadOnlySpan<float> table, Vector256<int> code)
    {
        Vector256<int> part = code >>> 3;
        Vector256<float> result = Vector256<float>.Zero;
        for (int i = 0; i < table.Length; i += 8)
        {
            Vector256<float> entries = Avx2.PermuteVar8x32(Vector256.Create(table.Slice(i, 8)), code);
            result = Vector256.ConditionalSelect(Vector256.Equals(part, Vector256.Create(i >> 3)).AsSingle(), entries, result);
        }
        return result;
    }

    /// <summary>Stores the low byte of each lane.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the target.</param>
    /// <param name="index">Index of the first byte to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector256<int> code, ref byte target, int index) =>
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, index), Narrow(code).AsUInt64().ToScalar());

    /// <summary>Stores the lowest bit of each lane, the first in the lowest bit of a byte.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBits(Vector256<int> code, ref byte target, int index) =>
        Unsafe.Add(ref target, index / 8) = (byte)(code << 31).ExtractMostSignificantBits();

    /// <summary>Stores the low 16 bits of each lane.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the target.</param>
    /// <param name="index">Index of the first code to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(Vector256<int> code, ref byte target, int index) =>
        Vector128.Narrow(code.GetLower().AsUInt32(), code.GetUpper().AsUInt32()).AsByte().StoreUnsafe(ref target, (nuint)index * 2);

    /// <summary>Stores each lane.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the target.</param>
    /// <param name="index">Index of the first code to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDoubleWords(Vector256<int> code, ref byte target, int index) =>
        code.AsByte().StoreUnsafe(ref target, (nuint)index * 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector256<int> code)
    {
        Vector128<ushort> words = Vector128.Narrow(code.GetLower().AsUInt32(), code.GetUpper().AsUInt32());
        return Vector128.Narrow(words, words);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Load8(ref readonly byte plane, int index) =>
        Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index))).AsByte();
}
