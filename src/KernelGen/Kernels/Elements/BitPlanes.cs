using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Writes planes of 1, 2 or 4 bits from codes of one byte each, and reads them. A plane takes bits
/// <c>shift … shift + bits − 1</c> of every code.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class BitPlanes
{
    /// <summary>Bytes of a plane.</summary>
    /// <param name="count">Number of codes.</param>
    /// <param name="bits">Bits per code, 1, 2 or 4.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bytes(int count, int bits) => (int)(((long)count * bits + 7) / 8);

    /// <summary>One code of a plane; the reference of the vector loads.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="index">Index of the code.</param>
    /// <param name="bits">Bits per code, 1, 2 or 4.</param>
    /// <param name="order">Where the codes sit.</param>
    public static int Get(ReadOnlySpan<byte> plane, int index, int bits, CodeOrder order)
    {
        (int at, int shift) = Place(plane.Length, index, bits, order);
        return plane[at] >> shift & (1 << bits) - 1;
    }

    /// <summary>Sets one code of a plane whose bits are zero; the reference of <see cref="Write"/>.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="index">Index of the code.</param>
    /// <param name="bits">Bits per code, 1, 2 or 4.</param>
    /// <param name="order">Where the codes sit.</param>
    /// <param name="code">The code; bits above <paramref name="bits"/> are ignored.</param>
    public static void Set(Span<byte> plane, int index, int bits, CodeOrder order, int code)
    {
        (int at, int shift) = Place(plane.Length, index, bits, order);
        plane[at] |= (byte)((code & (1 << bits) - 1) << shift);
    }

    /// <summary>What vector code reads and writes without looking depends on it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CheckBits(int shift, int bits)
    {
        if (bits is not (1 or 2 or 4) || shift is < 0 or > 7)
        {
            throw new ArgumentOutOfRangeException(
                nameof(bits),
                bits,
                "A plane has 1, 2 or 4 bits of each code, which begin at bit 0 to 7."
            );
        }
    }

    private static (int Byte, int Shift) Place(int stride, int index, int bits, CodeOrder order) =>
        order switch
        {
            CodeOrder.Split => (index % stride, index / stride * bits),
            CodeOrder.LowFirst => (index * bits / 8, index * bits % 8),
            _ => (index * bits / 8, 8 - bits - index * bits % 8),
        };

    /// <summary>Writes one plane.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="shift">Lowest bit of each code that the plane takes.</param>
    /// <param name="bits">Bits per code, 1, 2 or 4.</param>
    /// <param name="order">Where the codes sit.</param>
    /// <param name="plane">Receives <see cref="Bytes"/> bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ReadOnlySpan<byte> codes, int shift, int bits, CodeOrder order, Span<byte> plane)
    {
        CheckBits(shift, bits);
        plane = plane[..Bytes(codes.Length, bits)];
        if (order == CodeOrder.Split)
        {
            WriteSplit(codes, shift, bits, plane);
        }
        else
        {
            WriteSequential(codes, shift, bits, order == CodeOrder.HighFirst, plane);
        }
    }

    /// <summary>Byte j takes codes j, j + s, j + 2s … from its low bits up, s bytes in all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteSplit(ReadOnlySpan<byte> codes, int shift, int bits, Span<byte> plane)
    {
        int stride = Bytes(codes.Length, bits);
        ref byte source = ref MemoryMarshal.GetReference(codes);
        ref byte target = ref MemoryMarshal.GetReference(plane);
        byte mask = (byte)((1 << bits) - 1);
        int j = 0;
        if (Vector128.IsHardwareAccelerated && (long)codes.Length * bits == 8L * stride)
        {
            for (; j <= stride - 16; j += 16)
            {
                Vector128<byte> packed = Vector128<byte>.Zero;
                for (int part = 0; part < 8 / bits; part++)
                {
                    Vector128<byte> code = Vector128.LoadUnsafe(ref source, (nuint)(j + part * stride)) >>> shift & Vector128.Create(mask);
                    packed |= code << part * bits;
                }
                packed.StoreUnsafe(ref target, (nuint)j);
            }
            // narrower planes: the same in general registers
            for (; j <= stride - 8; j += 8)
            {
                ulong packed = 0;
                for (int part = 0; part < 8 / bits; part++)
                {
                    packed |=
                        (Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, j + part * stride)) >> shift & mask * 0x0101010101010101ul)
                        << part * bits;
                }
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, j), packed);
            }
            for (; j <= stride - 4; j += 4)
            {
                uint packed = 0;
                for (int part = 0; part < 8 / bits; part++)
                {
                    packed |=
                        (Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, j + part * stride)) >> shift & mask * 0x01010101u)
                        << part * bits;
                }
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, j), packed);
            }
        }
        for (; j < stride; j++)
        {
            int packed = 0;
            for (int part = 0, i = j; i < codes.Length; part++, i += stride)
            {
                packed |= (Unsafe.Add(ref source, i) >> shift & mask) << part * bits;
            }
            Unsafe.Add(ref target, j) = (byte)packed;
        }
    }

    /// <summary>Neighbouring codes share a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteSequential(ReadOnlySpan<byte> codes, int shift, int bits, bool highFirst, Span<byte> plane)
    {
        int perByte = 8 / bits;
        byte mask = (byte)((1 << bits) - 1);
        int j = 0;
        if (Bmi2.X64.IsSupported)
        {
            // eight codes at a time: their bits are taken out of the bytes by one instruction
            for (; j <= codes.Length / perByte - bits; j += bits)
            {
                ulong eight = Unsafe.ReadUnaligned<ulong>(in codes[j * perByte]) >> shift;
                uint packed = Reordered((uint)Bmi2.X64.ParallelBitExtract(eight, mask * 0x0101010101010101ul), bits, highFirst);
                StoreLow(packed, bits, ref plane[j]);
            }
        }
        int stride = Bytes(codes.Length, bits);
        for (; j < stride; j++)
        {
            int packed = 0;
            for (int part = 0; part < perByte && j * perByte + part < codes.Length; part++)
            {
                int position = highFirst ? perByte - 1 - part : part;
                packed |= (codes[j * perByte + part] >> shift & mask) << position * bits;
            }
            plane[j] = (byte)packed;
        }
    }

    /// <summary>Adds the bits of a plane to codes, the counterpart of <see cref="Write"/>.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="shift">Lowest bit of each code that the plane holds.</param>
    /// <param name="bits">Bits per code, 1, 2 or 4.</param>
    /// <param name="order">Where the codes sit.</param>
    /// <param name="codes">The codes; these bits of them are clear.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(ReadOnlySpan<byte> plane, int shift, int bits, CodeOrder order, Span<byte> codes)
    {
        CheckBits(shift, bits);
        if (plane.Length < Bytes(codes.Length, bits))
        {
            throw new ArgumentException(
                $"{codes.Length} codes of {bits} bits have {Bytes(codes.Length, bits)} bytes, not {plane.Length}.",
                nameof(plane)
            );
        }
        int i =
            order == CodeOrder.Split
                ? ReadSplit(plane, shift, bits, codes)
                : ReadSequential(plane, shift, bits, order == CodeOrder.HighFirst, codes);
        for (; i < codes.Length; i++)
        {
            codes[i] |= (byte)(Get(plane, i, bits, order) << shift);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadSplit(ReadOnlySpan<byte> plane, int shift, int bits, Span<byte> codes)
    {
        int stride = plane.Length;
        if ((long)codes.Length * bits != 8L * stride || stride % 4 != 0)
        {
            return 0;
        }
        ref byte source = ref MemoryMarshal.GetReference(plane),
            target = ref MemoryMarshal.GetReference(codes);
        int j = 0;
        for (; Vector128.IsHardwareAccelerated && j <= stride - 16; j += 16)
        {
            // written out, so that every shift is by a constant
            Vector128<byte> packed = Vector128.LoadUnsafe(ref source, (nuint)j);
            ref byte to = ref Unsafe.Add(ref target, j);
            AddPart(packed, 0, shift, bits, ref to, stride);
            AddPart(packed, 1, shift, bits, ref to, stride);
            AddPart(packed, 2, shift, bits, ref to, stride);
            AddPart(packed, 3, shift, bits, ref to, stride);
            AddPart(packed, 4, shift, bits, ref to, stride);
            AddPart(packed, 5, shift, bits, ref to, stride);
            AddPart(packed, 6, shift, bits, ref to, stride);
            AddPart(packed, 7, shift, bits, ref to, stride);
        }
        for (; j < stride; j += 4)
        {
            uint packed = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, j));
            ref byte to = ref Unsafe.Add(ref target, j);
            for (int part = 0; part < 8 / bits; part++, to = ref Unsafe.Add(ref to, stride))
            {
                uint code = (packed >> part * bits & ((1u << bits) - 1) * 0x01010101u) << shift;
                Unsafe.WriteUnaligned(ref to, Unsafe.ReadUnaligned<uint>(ref to) | code);
            }
        }
        return codes.Length;
    }

    /// <summary>One of the parts of 16 bytes, of which there are 8 / bits: its bits go to codes that lie apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPart(Vector128<byte> packed, int part, int shift, int bits, ref byte target, nint stride)
    {
        if (part < 8 / bits)
        {
            ref byte to = ref Unsafe.Add(ref target, part * stride);
            Vector128<byte> code = (packed >>> part * bits & Vector128.Create((byte)((1 << bits) - 1))) << shift;
            (Vector128.LoadUnsafe(ref to) | code).StoreUnsafe(ref to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadSequential(ReadOnlySpan<byte> plane, int shift, int bits, bool highFirst, Span<byte> codes)
    {
        int i = 0;
        if (Bmi2.X64.IsSupported)
        {
            ulong places = ((1u << bits) - 1) * 0x0101010101010101ul;
            for (; i <= codes.Length - 8; i += 8)
            {
                uint packed = Reordered(LoadLow(bits, in plane[i * bits / 8]), bits, highFirst);
                ref byte eight = ref codes[i];
                Unsafe.WriteUnaligned(
                    ref eight,
                    Unsafe.ReadUnaligned<ulong>(ref eight) | Bmi2.X64.ParallelBitDeposit(packed, places) << shift
                );
            }
        }
        return i;
    }

    /// <summary>Codes within each byte the other way round, where the first is in the high bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Reordered(uint packed, int bits, bool highFirst)
    {
        if (!highFirst)
        {
            return packed;
        }
        packed = packed >> 4 & 0x0F0F0F0F | (packed & 0x0F0F0F0F) << 4;
        packed = bits <= 2 ? packed >> 2 & 0x33333333 | (packed & 0x33333333) << 2 : packed;
        return bits == 1 ? packed >> 1 & 0x55555555 | (packed & 0x55555555) << 1 : packed;
    }

    /// <summary>Eight codes of a plane: 1, 2 or 4 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint LoadLow(int bits, ref readonly byte source) =>
        bits switch
        {
            1 => source,
            2 => Unsafe.ReadUnaligned<ushort>(in source),
            _ => Unsafe.ReadUnaligned<uint>(in source),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLow(uint packed, int bits, ref byte target)
    {
        switch (bits)
        {
            case 1:
                target = (byte)packed;
                break;
            case 2:
                Unsafe.WriteUnaligned(ref target, (ushort)packed);
                break;
            default:
                Unsafe.WriteUnaligned(ref target, packed);
                break;
        }
    }
}
