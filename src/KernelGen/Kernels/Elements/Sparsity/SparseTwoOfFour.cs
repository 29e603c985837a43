using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// The 2:4 layout of NVIDIA's sparse tensor cores: two kept values of every four in the order of their indices, and a
/// nibble with both indices, low first. One bit of metadata per dense weight; the nibbles of two groups share a byte.
/// The same nibbles describe pair-wise 4:8, half a bit per weight.
/// </summary>
/// <remarks>
/// <code>
/// kept    {0,1} {0,2} {1,2} {0,3} {1,3} {2,3}
/// nibble    4     8     9     C     D     E      = first | second · 4
/// </code>
/// With fewer than two values that are not zero: only 0 gives 8, only 1 gives 9, only 2, only 3 and none give E; the
/// other kept value is then a zero. The hardware's permutation of the nibbles in memory is left to those who need it.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SparseTwoOfFour
{
    /// <summary>The nibble of a mask of kept values, at most two of four, those that are not zero.</summary>
    /// <param name="mask">Bit i: value i is kept and not zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than two bits are set.</exception>
    public static int Nibble(uint mask) =>
        mask switch
        {
            0b0000 or 0b0100 or 0b1000 or 0b1100 => 0xE,
            0b0001 or 0b0101 => 0x8,
            0b0010 or 0b0110 => 0x9,
            0b0011 => 0x4,
            0b1001 => 0xC,
            0b1010 => 0xD,
            _ => throw new ArgumentOutOfRangeException(nameof(mask), mask, "At most two of four values are kept."),
        };

    /// <summary>The mask of the two places that a nibble names.</summary>
    /// <param name="nibble">4, 8, 9, C, D or E.</param>
    public static uint Mask(int nibble) => 1u << (nibble & 3) | 1u << (nibble >> 2 & 3);

    /// <summary>Keeps two of every four values by magnitude, ties to the lower index, and stores them.</summary>
    /// <param name="values">Values, a multiple of four.</param>
    /// <param name="kept">Receives half as many values.</param>
    /// <param name="nibbles">Receives a nibble per four values, the first in the low half of a byte.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void Compress(ReadOnlySpan<float> values, Span<float> kept, Span<byte> nibbles)
    {
        Check(values.Length, kept.Length, nibbles.Length);
        NmPattern pattern = NmPattern.Of(2, 4);
        nibbles.Clear();
        for (int group = 0; group < values.Length / 4; group++)
        {
            ReadOnlySpan<float> four = values.Slice(group * 4, 4);
            uint mask = pattern.Select(four);
            for (int i = 0; i < 4; i++)
            {
                mask &= four[i] == 0 ? ~(1u << i) : ~0u;
            }
            int nibble = Nibble(mask);
            // A place that the special nibbles name only to have two holds a zero, regardless of what was there.
            kept[group * 2] = (mask >> (nibble & 3) & 1) != 0 ? four[nibble & 3] : 0f;
            kept[group * 2 + 1] = (mask >> (nibble >> 2) & 1) != 0 ? four[nibble >> 2] : 0f;
            nibbles[group >> 1] |= (byte)(nibble << (group & 1) * 4);
        }
    }

    /// <summary>Puts kept values back in their places, zeros elsewhere.</summary>
    /// <param name="kept">Two values per group.</param>
    /// <param name="nibbles">A nibble per group.</param>
    /// <param name="values">Receives four values per group.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void Expand(ReadOnlySpan<float> kept, ReadOnlySpan<byte> nibbles, Span<float> values)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Expand<Simd512>(kept, nibbles, values);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Expand<Simd256>(kept, nibbles, values);
        }
        else
        {
            ExpandReference(kept, nibbles, values);
        }
    }

    /// <summary>The reference of <see cref="Expand"/>.</summary>
    /// <param name="kept">Two values per group.</param>
    /// <param name="nibbles">A nibble per group.</param>
    /// <param name="values">Receives four values per group.</param>
    public static void ExpandReference(ReadOnlySpan<float> kept, ReadOnlySpan<byte> nibbles, Span<float> values)
    {
        Check(values.Length, kept.Length, nibbles.Length);
        ExpandFrom(0, kept, nibbles, values);
    }

    /// <summary>The expansion in lanes: every lane compares its place with both indices of its group.</summary>
    internal static void Expand<T>(ReadOnlySpan<float> kept, ReadOnlySpan<byte> nibbles, Span<float> values)
        where T : struct, ISimd<T>
    {
        Check(values.Length, kept.Length, nibbles.Length);
        ref float source = ref MemoryMarshal.GetReference(kept);
        ref float target = ref MemoryMarshal.GetReference(values);
        T lane = T.Load(ref MemoryMarshal.GetReference(Iota), 0);
        T place = T.And(lane, T.Int(3)),
            groupBit = T.And(lane, T.Int(~3u));
        T first = T.ShiftRight(T.And(lane, T.Int(~3u)), 1),
            second = T.AddInt(first, T.Int(1)),
            zero = T.Int(0);
        int i = 0;
        // A load of kept values reads a whole vector but needs half of it, so the last ones are left to the scalar code.
        for (; i + 2 * T.Count <= values.Length; i += T.Count)
        {
            T metadata = T.ShiftRight(T.Int(Metadata(nibbles, i / 8, T.Count)), groupBit);
            T low = T.Xor(T.And(metadata, T.Int(3)), place),
                high = T.Xor(T.And(T.ShiftRight(metadata, 2), T.Int(3)), place);
            // Integers that are not equal differ by at least 1, so that a comparison of floats says.
            T value = T.SelectLess(T.ToFloat(high), T.Float(0.5f), T.LoadPermuted(ref source, (nuint)(i / 2), second), zero);
            value = T.SelectLess(T.ToFloat(low), T.Float(0.5f), T.LoadPermuted(ref source, (nuint)(i / 2), first), value);
            T.Store(value, ref target, (nuint)i);
        }
        ExpandFrom(i, kept, nibbles, values);
    }

    /// <summary>The nibbles of 8 or 16 dense values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Metadata(ReadOnlySpan<byte> nibbles, int first, int lanes) =>
        lanes == 16 ? nibbles[first] | (uint)nibbles[first + 1] << 8 : nibbles[first];

    private static void ExpandFrom(int start, ReadOnlySpan<float> kept, ReadOnlySpan<byte> nibbles, Span<float> values)
    {
        values[start..].Clear();
        for (int group = start / 4; group < values.Length / 4; group++)
        {
            int nibble = nibbles[group >> 1] >> (group & 1) * 4;
            values[group * 4 + (nibble >> 2 & 3)] = kept[group * 2 + 1];
            values[group * 4 + (nibble & 3)] = kept[group * 2];
        }
    }

    private static void Check(int values, int kept, int nibbles)
    {
        if (values % 4 != 0 || kept != values / 2 || nibbles != (values + 7) / 8)
        {
            throw new ArgumentException(
                $"2:4 sparsity of {values} values has {values / 2} kept values and {(values + 7) / 8} bytes of nibbles; {kept} and "
                    + $"{nibbles} were given."
            );
        }
    }

    private static ReadOnlySpan<uint> Iota => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
}
