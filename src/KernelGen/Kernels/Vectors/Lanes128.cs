using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Vectors;

/// <summary>
/// What generated kernels need of a 128-bit vector of 4 lanes beyond <see cref="Vector128"/>: loads that spread packed
/// codes over lanes, stores that narrow them, table lookups. Use only where <see cref="Vector128.IsHardwareAccelerated"/>.
/// Members take a plane of codes and the index of the first element; a plane's order is in the member's name.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Lanes128
{
    /// <summary>Elements in a vector.</summary>
    public const int Count = 4;

    /// <summary>4 unsigned bytes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Bytes(ref readonly byte plane, int index) => Widen(Load4(in plane, index));

    /// <summary>4 two's-complement bytes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> SignedBytes(ref readonly byte plane, int index) =>
        Vector128.WidenLower(Vector128.WidenLower(Load4(in plane, index).AsSByte()));

    /// <summary>4 little-endian unsigned 16-bit codes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Words(ref readonly byte plane, int index) =>
        Vector128
            .WidenLower(
                Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index * 2))).AsUInt16()
            )
            .AsInt32();

    /// <summary>4 little-endian 32-bit codes.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> DoubleWords(ref readonly byte plane, int index) =>
        Vector128.LoadUnsafe(in plane, (nuint)index * 4).AsInt32();

    /// <summary>Two bytes that hold elements j and j + 2 in their nibbles.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> FoldedNibbles(ref readonly byte plane, int index)
    {
        uint bytes = Unsafe.ReadUnaligned<ushort>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index));
        return Widen(Vector128.CreateScalarUnsafe(bytes & 0x0F0F | (bytes & 0xF0F0) << 12).AsByte());
    }

    /// <summary>Two bytes that hold neighbouring elements in their nibbles, the first in the low one.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Nibbles(ref readonly byte plane, int index) =>
        Widen(NibblePairs.Spread(Wide(in plane, index), highFirst: false));

    /// <summary>Two bytes that hold neighbouring elements in their nibbles, the first in the high one.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> NibblesHighFirst(ref readonly byte plane, int index) =>
        Widen(NibblePairs.Spread(Wide(in plane, index), highFirst: true));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Wide(ref readonly byte plane, int index) =>
        Vector128.WidenLower(
            Vector128.CreateScalar((uint)Unsafe.ReadUnaligned<ushort>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index / 2))).AsByte()
        );

    // There is no portable shift by lane: a multiplication moves each lane's field to the top, one shift brings all down.

    /// <summary>A byte of 2-bit codes, the first in the low bits.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Pairs(ref readonly byte plane, int index) =>
        (
            (
                Vector128.Create((uint)Unsafe.Add(ref Unsafe.AsRef(in plane), index / 4))
                * Vector128.Create(1u << 30, 1u << 28, 1u << 26, 1u << 24)
            ) >>> 30
        ).AsInt32();

    /// <summary>A byte of 2-bit codes, the first in the high bits.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> PairsHighFirst(ref readonly byte plane, int index) =>
        (
            (
                Vector128.Create((uint)Unsafe.Add(ref Unsafe.AsRef(in plane), index / 4))
                * Vector128.Create(1u << 24, 1u << 26, 1u << 28, 1u << 30)
            ) >>> 30
        ).AsInt32();

    /// <summary>Four bits of a byte of 1-bit codes, the first in the lowest bit.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Bits(ref readonly byte plane, int index) =>
        (
            (
                Vector128.Create((uint)Unsafe.Add(ref Unsafe.AsRef(in plane), index / 8) >> (index & 4))
                * Vector128.Create(1u << 31, 1u << 30, 1u << 29, 1u << 28)
            ) >>> 31
        ).AsInt32();

    /// <summary>Four bits of a byte of 1-bit codes, the first in the highest bit.</summary>
    /// <param name="plane">First byte of the plane.</param>
    /// <param name="index">Index of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> BitsHighFirst(ref readonly byte plane, int index) =>
        (
            (
                Vector128.Create((uint)Unsafe.Add(ref Unsafe.AsRef(in plane), index / 8) << (index & 4))
                * Vector128.Create(1u << 24, 1u << 25, 1u << 26, 1u << 27)
            ) >>> 31
        ).AsInt32();

    /// <summary>Entries of a table of 16.</summary>
    /// <param name="table">First entry.</param>
    /// <param name="code">Indices 0 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Lookup16(ref readonly float table, Vector128<int> code) =>
        Lookup(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(in table, 16), code);

    /// <summary>Entries of a table of a multiple of 16.</summary>
    /// <param name="table">The table.</param>
    /// <param name="code">Indices into it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Lookup(ReadOnlySpan<float> table, Vector128<int> code)
    {
        Vector128<int> part = code >>> 2;
        Vector128<byte> within = BytesOf(code & Vector128.Create(3));
        Vector128<byte> result = Vector128<byte>.Zero;
        for (int i = 0; i < table.Length; i += 4)
        {
            Vector128<byte> entries = Vector128.ShuffleNative(Vector128.Create(table.Slice(i, 4)).AsByte(), within);
            result |= entries & Vector128.Equals(part, Vector128.Create(i >> 2)).AsByte();
        }
        return result.AsSingle();
    }

    /// <summary>
    /// The four bytes of the float that each lane names, 0 to 3: a permutation of floats would need AVX, one of bytes does not.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> BytesOf(Vector128<int> index) =>
        Vector128.ShuffleNative((index << 2).AsByte(), Vector128.Create((byte)0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12))
        + Vector128.Create(0x03020100).AsByte();

    /// <summary>Stores the low byte of each lane.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the target.</param>
    /// <param name="index">Index of the first byte to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<int> code, ref byte target, int index) =>
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, index), Narrow(code).AsUInt32().ToScalar());

    /// <summary>Stores the low 16 bits of each lane.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the target.</param>
    /// <param name="index">Index of the first code to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(Vector128<int> code, ref byte target, int index) =>
        Unsafe.WriteUnaligned(
            ref Unsafe.Add(ref target, index * 2),
            Vector128.Narrow(code.AsUInt32(), code.AsUInt32()).AsUInt64().ToScalar()
        );

    /// <summary>Stores each lane.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="target">First byte of the target.</param>
    /// <param name="index">Index of the first code to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDoubleWords(Vector128<int> code, ref byte target, int index) =>
        code.AsByte().StoreUnsafe(ref target, (nuint)index * 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector128<int> code)
    {
        Vector128<ushort> words = Vector128.Narrow(code.AsUInt32(), code.AsUInt32());
        return Vector128.Narrow(words, words);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(Vector128<byte> bytes) => Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Load4(ref readonly byte plane, int index) =>
        Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref Unsafe.AsRef(in plane), index))).AsByte();
}
