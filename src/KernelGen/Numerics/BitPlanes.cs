using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen;

/// <summary>
/// Writes planes of 1, 2 or 4 bits from codes of one byte each. A plane takes bits <c>shift … shift + bits − 1</c> of
/// every code; the counterpart of the decoders in generated code.
/// </summary>
public static class BitPlanes
{
    /// <summary>Bytes of a plane.</summary>
    /// <param name="count">Number of codes.</param>
    /// <param name="bits">Bits per code, 1, 2 or 4.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bytes(int count, int bits) => (count * bits + 7) / 8;

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

    private static (int Byte, int Shift) Place(int stride, int index, int bits, CodeOrder order) => order switch
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
        ref byte target = ref MemoryMarshal.GetReference(plane[..stride]);
        byte mask = (byte)((1 << bits) - 1);
        int j = 0;
        if (Vector128.IsHardwareAccelerated && codes.Length * bits == stride * 8)
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
        if (Vector128.IsHardwareAccelerated && bits == 1 && !highFirst)
        {
            // The wanted bit moves to the top of its byte, where one instruction collects 16 of them.
            for (; j <= codes.Length / 8 - 2; j += 2)
            {
                Vector128<byte> v = Vector128.Create(codes.Slice(j * 8, 16)) << 7 - shift;
                uint packed = v.ExtractMostSignificantBits();
                plane[j] = (byte)packed;
                plane[j + 1] = (byte)(packed >> 8);
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
}
