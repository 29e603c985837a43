using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Decodes trellis blocks. All weights are independent, since a state is a window of the bits; 16 weights come from
/// two 64-bit loads, a byte shuffle and a shift per lane.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TrellisDecoder
{
    /// <summary>Bytes that are read from the first byte of a group on.</summary>
    private const int GroupBytes = 12;

    /// <summary>Room for the copy of the last groups.</summary>
    private const int SeamBytes = 64;

    /// <summary>Decodes one block: weight t is the value of its state times the scale, one rounding.</summary>
    /// <param name="spec">The trellis.</param>
    /// <param name="packed">The block, <see cref="TrellisSpec.BlockBytes"/> bytes or more.</param>
    /// <param name="scale">The block's scale.</param>
    /// <param name="weights">Receives <see cref="TrellisSpec.BlockLength"/> weights.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Decode(in TrellisSpec spec, ReadOnlySpan<byte> packed, float scale, Span<float> weights)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Decode<Simd512>(spec, packed, scale, weights);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Decode<Simd256>(spec, packed, scale, weights);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Decode<Simd128>(spec, packed, scale, weights);
        }
        else
        {
            DecodeReference(spec, packed, scale, weights);
        }
    }

    /// <summary>The scalar reference of <see cref="Decode"/>, straight from the definitions.</summary>
    /// <param name="spec">The trellis.</param>
    /// <param name="packed">The block.</param>
    /// <param name="scale">The block's scale.</param>
    /// <param name="weights">Receives the weights.</param>
    public static void DecodeReference(in TrellisSpec spec, ReadOnlySpan<byte> packed, float scale, Span<float> weights)
    {
        CheckLengths(spec, packed, weights);
        for (int t = 0; t < spec.BlockLength; t++)
        {
            weights[t] = TrellisCode.Value(spec.StateAt(packed, t), spec.StateBits) * scale;
        }
    }

    /// <summary>The decoder in lanes.</summary>
    internal static void Decode<T>(in TrellisSpec spec, ReadOnlySpan<byte> packed, float scale, Span<float> weights)
        where T : struct, ISimd<T>
    {
        CheckLengths(spec, packed, weights);
        int groups = spec.BlockLength >> 4,
            inside = Inside(spec);
        ref float target = ref MemoryMarshal.GetReference(weights);
        DecodeGroups<T>(spec, ref MemoryMarshal.GetReference(packed), 0, scale, ref target, inside);

        Span<byte> seam = stackalloc byte[SeamBytes];
        int firstBit = CopySeam(spec, packed, inside, seam);
        DecodeGroups<T>(
            spec,
            ref MemoryMarshal.GetReference(seam),
            firstBit,
            scale,
            ref Unsafe.Add(ref target, inside * 16),
            groups - inside
        );
    }

    /// <summary>
    /// The last groups read beyond the end of the ring: at most seven, as each has 16 bits or more and they start in the last
    /// 12 bytes. They are decoded from a copy that goes on with the first bytes.
    /// </summary>
    /// <returns>The first of their bits in the copy.</returns>
    private static int CopySeam(in TrellisSpec spec, ReadOnlySpan<byte> packed, int inside, Span<byte> seam)
    {
        int bytes = spec.BlockBytes,
            groups = spec.BlockLength >> 4,
            firstBit = inside * spec.BitsPer16;
        int needed = ((groups - inside - 1) * spec.BitsPer16 + (firstBit & 7) >> 3) + GroupBytes;
        for (int i = 0, at = firstBit >> 3; i < needed; at = 0)
        {
            int count = Math.Min(bytes - at, needed - i);
            packed.Slice(at, count).CopyTo(seam[i..]);
            i += count;
        }
        return firstBit & 7;
    }

    /// <summary>The groups from the first on that lie in the ring with all bytes that are read for them.</summary>
    private static int Inside(in TrellisSpec spec) =>
        spec.BlockBytes < GroupBytes ? 0 : Math.Min(((spec.BlockBytes - GroupBytes) * 8 + 7) / spec.BitsPer16 + 1, spec.BlockLength >> 4);

    /// <summary>
    /// Decodes groups of 16 weights from a bit on. The 16 bytes that a group is picked from are two overlapping loads: the
    /// low half starts at the group's first bit, the high half 32 bits further. Each half has 57 good bits; windows start
    /// in its first 32 and end at most 16 later.
    /// </summary>
    private static void DecodeGroups<T>(in TrellisSpec spec, ref byte source, int firstBit, float scale, ref float target, int groups)
        where T : struct, ISimd<T>
    {
        int rate = spec.BitsPer16;
        (T a, T b, T half, T top, int h) = TrellisCode.Lanes<T>(spec.StateBits);
        T factor = T.Float(scale);
        for (int lane = 0; lane < 16; lane += T.Count)
        {
            (T byteIndex, T shift) = Windows<T>(rate, lane);
            for (int group = 0, bit = firstBit; group < groups; group++, bit += rate)
            {
                T states = T.ShiftRight(T.PickBytes(Bits(ref source, bit), byteIndex), shift);
                T.Store(T.Multiply(TrellisCode.Values(states, a, b, half, top, h), factor), ref target, (nuint)(group * 16 + lane));
            }
        }
    }

    /// <summary>Where the windows of some lanes start in the 16 bytes of a group: which bytes, and how many bits further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T ByteIndex, T Shift) Windows<T>(int rate, int lane)
        where T : struct, ISimd<T>
    {
        T offset = T.ShiftRight(T.MultiplyInt(T.Load(ref MemoryMarshal.GetReference(Iota), (nuint)lane), T.Int((uint)rate)), 4);
        T first = T.AddInt(T.ShiftRight(offset, 3), T.And(T.ShiftRight(offset, 3), T.Int(4)));
        return (T.AddInt(T.MultiplyInt(first, T.Int(0x01010101)), T.Int(0x03020100)), T.And(offset, T.Int(7)));
    }

    /// <summary>The 16 bytes of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Bits(ref byte source, int bit)
    {
        ulong low = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, bit >> 3)) >> (bit & 7);
        ulong high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, (bit >> 3) + 4)) >> (bit & 7);
        return Vector128.Create(low, high).AsByte();
    }

    private static void CheckLengths(in TrellisSpec spec, ReadOnlySpan<byte> packed, Span<float> weights)
    {
        if (spec.BlockLength == 0)
        {
            throw new ArgumentException("The trellis is default(TrellisSpec): it has no rate, states or block.", nameof(spec));
        }
        if (packed.Length < spec.BlockBytes || weights.Length < spec.BlockLength)
        {
            throw new ArgumentException(
                $"A trellis block has {spec.BlockBytes} bytes and {spec.BlockLength} weights; {packed.Length} bytes and room for "
                    + $"{weights.Length} weights were given."
            );
        }
    }

    private static ReadOnlySpan<uint> Iota => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
}
