using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

public static partial class TrellisDecoder
{
    /// <summary>Σ value·x over one block at the scale 1, decoded in registers.</summary>
    /// <param name="spec">The trellis.</param>
    /// <param name="packed">The block, <see cref="TrellisSpec.BlockBytes"/> bytes or more.</param>
    /// <param name="x">An activation for every weight of the block.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static float Dot(in TrellisSpec spec, ReadOnlySpan<byte> packed, ReadOnlySpan<float> x) =>
        Vector512.IsHardwareAccelerated ? Dot<Simd512>(spec, packed, x)
        : Vector256.IsHardwareAccelerated ? Dot<Simd256>(spec, packed, x)
        : Vector128.IsHardwareAccelerated ? Dot<Simd128>(spec, packed, x)
        : Dot<Simd32>(spec, packed, x);

    internal static float Dot<T>(in TrellisSpec spec, ReadOnlySpan<byte> packed, ReadOnlySpan<float> x)
        where T : struct, ISimd<T>
    {
        if (packed.Length < spec.BlockBytes || x.Length < spec.BlockLength)
        {
            throw new ArgumentException(
                $"A trellis block has {spec.BlockBytes} bytes and {spec.BlockLength} weights; {packed.Length} bytes and {x.Length} activations were given."
            );
        }
        int groups = spec.BlockLength >> 4,
            inside = Inside(spec);
        ref float activations = ref MemoryMarshal.GetReference(x);
        Span<float> lanes = stackalloc float[16];
        lanes.Clear();
        DotGroups<T>(spec, ref MemoryMarshal.GetReference(packed), 0, ref activations, inside, ref MemoryMarshal.GetReference(lanes));
        Span<byte> seam = stackalloc byte[SeamBytes];
        int firstBit = CopySeam(spec, packed, inside, seam);
        DotGroups<T>(
            spec,
            ref MemoryMarshal.GetReference(seam),
            firstBit,
            ref Unsafe.Add(ref activations, inside * 16),
            groups - inside,
            ref MemoryMarshal.GetReference(lanes)
        );
        return GroupMath.LaneSum(lanes);
    }

    /// <summary>As <see cref="DecodeGroups"/>; the products are added to 16 sums, two chains of them at a time.</summary>
    private static void DotGroups<T>(in TrellisSpec spec, ref byte source, int firstBit, ref float x, int groups, ref float lanes)
        where T : struct, ISimd<T>
    {
        int rate = spec.BitsPer16;
        (T a, T b, T half, T top, int h) = TrellisCode.Lanes<T>(spec.StateBits);
        for (int lane = 0; lane < 16; lane += T.Count)
        {
            (T byteIndex, T shift) = Windows<T>(rate, lane);
            T even = T.Load(ref lanes, (nuint)lane),
                odd = T.Float(0f);
            int group = 0,
                bit = firstBit;
            for (; group < groups - 1; group += 2, bit += 2 * rate)
            {
                T first = T.ShiftRight(T.PickBytes(Bits(ref source, bit), byteIndex), shift);
                T second = T.ShiftRight(T.PickBytes(Bits(ref source, bit + rate), byteIndex), shift);
                even = T.Fused(TrellisCode.Values(first, a, b, half, top, h), T.Load(ref x, (nuint)(group * 16 + lane)), even);
                odd = T.Fused(TrellisCode.Values(second, a, b, half, top, h), T.Load(ref x, (nuint)(group * 16 + 16 + lane)), odd);
            }
            if (group < groups)
            {
                T last = T.ShiftRight(T.PickBytes(Bits(ref source, bit), byteIndex), shift);
                even = T.Fused(TrellisCode.Values(last, a, b, half, top, h), T.Load(ref x, (nuint)(group * 16 + lane)), even);
            }
            T.Store(T.Add(even, odd), ref lanes, (nuint)lane);
        }
    }
}
