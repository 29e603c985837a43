using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Base-3 packing: up to five ternary numbers in a byte, 1.6 bits each. A plane of s bytes holds elements j, j + s,
/// j + 2s … in byte j, so that vectors of bytes decode to vectors of neighbouring elements.
/// </summary>
/// <remarks>
/// With digits t = element + 1 of 0 … 2, the first most significant and missing ones 0, v = Σ t · 3^(4 − n) is below 243
/// and the byte is ⌈v · 256 / 243⌉: a fixed-point fraction, whose digit n is the carry of (byte · 3ⁿ mod 256) · 3 beyond
/// 8 bits. No division is needed to decode (ggml's TQ1_0).
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TernaryPlane
{
    /// <summary>Most digits that a byte holds.</summary>
    public const int MaxDigits = 5;

    /// <summary>Bytes of a plane.</summary>
    /// <param name="count">Number of elements.</param>
    /// <param name="digits">Elements per byte, 1 to 5.</param>
    public static int Bytes(int count, int digits = MaxDigits) => (count + digits - 1) / digits;

    /// <summary>Rounds values to −1, 0 and 1, halves away from zero.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="inverseScale">By which the values are multiplied first.</param>
    /// <param name="elements">Receives the elements.</param>
    public static void Quantise(ReadOnlySpan<float> values, float inverseScale, Span<sbyte> elements)
    {
        for (int i = 0; i < values.Length; i++)
        {
            float scaled = values[i] * inverseScale;
            elements[i] = (sbyte)((scaled >= 0.5f ? 1 : 0) - (scaled <= -0.5f ? 1 : 0));
        }
    }

    /// <summary>Packs a plane.</summary>
    /// <param name="elements">Elements of −1, 0 and 1.</param>
    /// <param name="digits">Elements per byte, 1 to 5.</param>
    /// <param name="bytes">Receives <see cref="Bytes"/> bytes; its length is the plane's.</param>
    /// <exception cref="ArgumentException">The lengths do not match or an element is none of the three.</exception>
    public static void Pack(ReadOnlySpan<sbyte> elements, int digits, Span<byte> bytes)
    {
        Check(elements.Length, digits, bytes.Length);
        int stride = bytes.Length;
        for (int j = 0; j < stride; j++)
        {
            int value = 0;
            for (int n = 0; n < MaxDigits; n++)
            {
                int element = j + n * stride,
                    digit = 0;
                if (n < digits && element < elements.Length)
                {
                    digit = elements[element] + 1;
                    if ((uint)digit > 2)
                    {
                        throw new ArgumentException(
                            $"Element {element} is {elements[element]}; ternary elements are -1, 0 and 1.",
                            nameof(elements)
                        );
                    }
                }
                value = value * 3 + digit;
            }
            bytes[j] = (byte)((value * 256 + 242) / 243);
        }
    }

    /// <summary>Decodes a plane to element · scale. Any byte is valid.</summary>
    /// <param name="bytes">The plane.</param>
    /// <param name="digits">Elements per byte, 1 to 5.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives the values; its length is the plane's number of elements.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void Decode(ReadOnlySpan<byte> bytes, int digits, float scale, Span<float> values)
    {
        Check(values.Length, digits, bytes.Length);
        ref byte source = ref MemoryMarshal.GetReference(bytes);
        ref float target = ref MemoryMarshal.GetReference(values);
        int stride = bytes.Length,
            whole = values.Length / Math.Max(1, stride),
            j = 0,
            first = 0;
        if (Vector128.IsHardwareAccelerated && stride == 4 && whole >= 4)
        {
            // four digits of four bytes are one vector
            Vector128<byte> fraction = Vector128.Create(Unsafe.ReadUnaligned<uint>(ref source)).AsByte() * Vector128.Create(Powers);
            TernaryLanes.Store(Digit(fraction), scale, ref target);
            first = 4;
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            // Only rows of the plane that are full can be stored as vectors; the last, partial one is done below.
            for (; j <= stride - Vector128<byte>.Count; j += Vector128<byte>.Count)
            {
                Vector128<byte> fraction = Vector128.LoadUnsafe(ref source, (nuint)j);
                ref float row = ref Unsafe.Add(ref target, j);
                for (int n = 0; n < whole; n++)
                {
                    TernaryLanes.Store(Digit(fraction), scale, ref row);
                    fraction += fraction + fraction;
                    row = ref Unsafe.Add(ref row, stride);
                }
            }
        }
        DecodeScalar(bytes, j, first, whole, scale, values);
        DecodeScalar(bytes, 0, whole, digits, scale, values);
    }

    /// <summary>The highest digit of fractions, less 1: the carry of 3 · fraction is 1 from 86 on and 2 from 171 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Digit(Vector128<byte> fraction)
    {
        // comparisons give −1
        Vector128<byte> carry =
            Vector128.GreaterThan(fraction, Vector128.Create((byte)85)) + Vector128.GreaterThan(fraction, Vector128.Create((byte)170));
        return (Vector128.Create((byte)255) - carry).AsSByte();
    }

    /// <summary>The reference of <see cref="Decode"/>.</summary>
    /// <param name="bytes">The plane.</param>
    /// <param name="digits">Elements per byte, 1 to 5.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives the values.</param>
    public static void DecodeReference(ReadOnlySpan<byte> bytes, int digits, float scale, Span<float> values)
    {
        Check(values.Length, digits, bytes.Length);
        DecodeScalar(bytes, 0, 0, digits, scale, values);
    }

    /// <summary>Digits <paramref name="firstDigit"/> … of the bytes from <paramref name="firstByte"/> on.</summary>
    private static void DecodeScalar(ReadOnlySpan<byte> bytes, int firstByte, int firstDigit, int endDigit, float scale, Span<float> values)
    {
        for (int n = firstDigit; n < endDigit; n++)
        {
            for (int j = firstByte; j < bytes.Length && j + n * bytes.Length < values.Length; j++)
            {
                int fraction = bytes[j] * Powers[4 * n] & 255;
                values[j + n * bytes.Length] = ((fraction * 3 >> 8) - 1) * scale;
            }
        }
    }

    /// <summary>3ⁿ, each four times.</summary>
    private static ReadOnlySpan<byte> Powers => [1, 1, 1, 1, 3, 3, 3, 3, 9, 9, 9, 9, 27, 27, 27, 27, 81];

    private static void Check(int elements, int digits, int bytes)
    {
        if (digits is < 1 or > MaxDigits)
        {
            throw new ArgumentException($"A byte holds 1 to 5 ternary digits, not {digits}.", nameof(digits));
        }
        if (bytes != Bytes(elements, digits))
        {
            throw new ArgumentException(
                $"{elements} ternary elements take {Bytes(elements, digits)} bytes at {digits} a byte; {bytes} were given."
            );
        }
    }
}
