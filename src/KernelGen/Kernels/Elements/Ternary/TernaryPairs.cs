using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>Ternary elements of two bits each: the code is the element plus one. The code 3, which no encoder here writes, is 2.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TernaryPairs
{
    /// <summary>Packs a plane: byte j of s holds elements j, j + s, j + 2s, j + 3s from its low bits up.</summary>
    /// <param name="elements">Elements of −1, 0 and 1; those after the last are taken as 0.</param>
    /// <param name="bytes">Receives the plane; its length is s, at least a fourth of the number of elements.</param>
    public static void Pack(ReadOnlySpan<sbyte> elements, Span<byte> bytes)
    {
        for (int j = 0; j < bytes.Length; j++)
        {
            int code = 0;
            for (int n = 0, i = j; n < 4; n++, i += bytes.Length)
            {
                code |= (i < elements.Length ? elements[i] + 1 & 3 : 1) << 2 * n;
            }
            bytes[j] = (byte)code;
        }
    }

    /// <summary>Decodes a plane to element · scale.</summary>
    /// <param name="bytes">The plane.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives the values: at most four per byte; the elements that do not fit are dropped.</param>
    public static void Decode(ReadOnlySpan<byte> bytes, float scale, Span<float> values)
    {
        ref byte source = ref MemoryMarshal.GetReference(bytes);
        ref float target = ref MemoryMarshal.GetReference(values);
        int stride = bytes.Length,
            whole = values.Length / Math.Max(1, stride),
            j = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; j <= stride - Vector128<byte>.Count; j += Vector128<byte>.Count)
            {
                Vector128<byte> codes = Vector128.LoadUnsafe(ref source, (nuint)j);
                ref float row = ref Unsafe.Add(ref target, j);
                for (int n = 0; n < whole; n++)
                {
                    TernaryLanes.Store(((codes & Vector128.Create((byte)3)) - Vector128<byte>.One).AsSByte(), scale, ref row);
                    codes >>>= 2;
                    row = ref Unsafe.Add(ref row, stride);
                }
            }
        }
        DecodeScalar(bytes, j, 0, whole, scale, values);
        DecodeScalar(bytes, 0, whole, 4, scale, values);
    }

    /// <summary>The reference of <see cref="Decode"/>.</summary>
    /// <param name="bytes">The plane.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives the values.</param>
    public static void DecodeReference(ReadOnlySpan<byte> bytes, float scale, Span<float> values) =>
        DecodeScalar(bytes, 0, 0, 4, scale, values);

    private static void DecodeScalar(ReadOnlySpan<byte> bytes, int firstByte, int firstPart, int endPart, float scale, Span<float> values)
    {
        for (int n = firstPart; n < endPart; n++)
        {
            for (int j = firstByte; j < bytes.Length && j + n * bytes.Length < values.Length; j++)
            {
                values[j + n * bytes.Length] = ((bytes[j] >> 2 * n & 3) - 1) * scale;
            }
        }
    }

    /// <summary>Packs neighbours: byte j holds elements 4j … 4j + 3 from its low bits up.</summary>
    /// <param name="elements">Elements of −1, 0 and 1; those after the last are taken as 0.</param>
    /// <param name="bytes">Receives the bytes.</param>
    public static void PackNeighbours(ReadOnlySpan<sbyte> elements, Span<byte> bytes)
    {
        for (int j = 0; j < bytes.Length; j++)
        {
            int code = 0;
            for (int n = 0; n < 4; n++)
            {
                int i = 4 * j + n;
                code |= (i < elements.Length ? elements[i] + 1 & 3 : 1) << 2 * n;
            }
            bytes[j] = (byte)code;
        }
    }

    /// <summary>
    /// Decodes neighbours to element · scale: 16 elements are the pairs of one 32-bit word, each lane shifted to its own.
    /// </summary>
    /// <param name="bytes">The bytes; a multiple of four.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives four values per byte.</param>
    public static void DecodeNeighbours(ReadOnlySpan<byte> bytes, float scale, Span<float> values)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            DecodeNeighbours<Simd512>(bytes, scale, values);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            DecodeNeighbours<Simd256>(bytes, scale, values);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            DecodeNeighbours<Simd128>(bytes, scale, values);
        }
        else
        {
            DecodeNeighboursReference(bytes, scale, values);
        }
    }

    /// <summary>The reference of <see cref="DecodeNeighbours(ReadOnlySpan{byte}, float, Span{float})"/>.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives the values.</param>
    public static void DecodeNeighboursReference(ReadOnlySpan<byte> bytes, float scale, Span<float> values)
    {
        for (int i = 0; i < bytes.Length * 4; i++)
        {
            values[i] = ((bytes[i / 4] >> i % 4 * 2 & 3) - 1) * scale;
        }
    }

    internal static void DecodeNeighbours<T>(ReadOnlySpan<byte> bytes, float scale, Span<float> values)
        where T : struct, ISimd<T>
    {
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
        ref float target = ref MemoryMarshal.GetReference(values[..(words.Length * 16)]);
        T three = T.Int(3),
            one = T.Int(1),
            factor = T.Float(scale);
        for (int lane = 0; lane < 16; lane += T.Count)
        {
            T shift = T.Load(ref MemoryMarshal.GetReference(Shifts), (nuint)lane);
            for (int i = 0; i < words.Length; i++)
            {
                T element = T.SubtractInt(T.And(T.ShiftRight(T.Int(words[i]), shift), three), one);
                T.Store(T.Multiply(T.ToFloat(element), factor), ref target, (nuint)(i * 16 + lane));
            }
        }
    }

    private static ReadOnlySpan<uint> Shifts => [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30];
}
