using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>Signs of one bit each: byte j holds elements 8j … 8j + 7 from its low bits up, 1 for zero and above (−0 too).</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SignPlane
{
    /// <summary>Packs the signs of values.</summary>
    /// <param name="values">The values; those after the last are taken as 0.</param>
    /// <param name="bytes">Receives the bytes.</param>
    public static void Pack(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        ref float source = ref MemoryMarshal.GetReference(values);
        int j = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; j < values.Length / 8; j++)
            {
                // Comparing instead of taking the sign bits puts −0 on the side of +0.
                bytes[j] = (byte)
                    Vector256
                        .GreaterThanOrEqual(Vector256.LoadUnsafe(ref source, (nuint)j * 8), Vector256<float>.Zero)
                        .ExtractMostSignificantBits();
            }
        }
        PackScalar(values, j, bytes);
    }

    /// <summary>The reference of <see cref="Pack"/>.</summary>
    /// <param name="values">The values.</param>
    /// <param name="bytes">Receives the bytes.</param>
    public static void PackReference(ReadOnlySpan<float> values, Span<byte> bytes) => PackScalar(values, 0, bytes);

    private static void PackScalar(ReadOnlySpan<float> values, int firstByte, Span<byte> bytes)
    {
        for (int j = firstByte; j < bytes.Length; j++)
        {
            int code = 0;
            for (int n = 0; n < 8; n++)
            {
                int i = 8 * j + n;
                code |= (i >= values.Length || values[i] >= 0 ? 1 : 0) << n;
            }
            bytes[j] = (byte)code;
        }
    }

    /// <summary>Decodes signs to ±scale: 16 elements are one 16-bit word, each lane shifted to its bit.</summary>
    /// <param name="bytes">The bytes; an even number.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives eight values per byte.</param>
    public static void Decode(ReadOnlySpan<byte> bytes, float scale, Span<float> values)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Decode<Simd512>(bytes, scale, values);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Decode<Simd256>(bytes, scale, values);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Decode<Simd128>(bytes, scale, values);
        }
        else
        {
            DecodeReference(bytes, scale, values);
        }
    }

    /// <summary>The reference of <see cref="Decode(ReadOnlySpan{byte}, float, Span{float})"/>.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives the values.</param>
    public static void DecodeReference(ReadOnlySpan<byte> bytes, float scale, Span<float> values)
    {
        for (int i = 0; i < bytes.Length * 8; i++)
        {
            values[i] = (bytes[i / 8] >> i % 8 & 1) != 0 ? scale : -scale;
        }
    }

    internal static void Decode<T>(ReadOnlySpan<byte> bytes, float scale, Span<float> values)
        where T : struct, ISimd<T>
    {
        ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(bytes);
        ref float target = ref MemoryMarshal.GetReference(values[..(words.Length * 16)]);
        T one = T.Int(1),
            sign = T.Int(0x80000000u),
            negative = T.Float(-scale);
        for (int lane = 0; lane < 16; lane += T.Count)
        {
            T shift = T.Load(ref MemoryMarshal.GetReference(Shifts), (nuint)lane);
            for (int i = 0; i < words.Length; i++)
            {
                // A multiplication moves the element's bit to the sign of the float: there is no shift to the left.
                T bit = T.MultiplyInt(T.And(T.ShiftRight(T.Int(words[i]), shift), one), sign);
                T.Store(T.Xor(negative, bit), ref target, (nuint)(i * 16 + lane));
            }
        }
    }

    private static ReadOnlySpan<uint> Shifts => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
}
