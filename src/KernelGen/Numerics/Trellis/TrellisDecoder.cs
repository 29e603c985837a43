using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen;

/// <summary>
/// Decodes trellis blocks. All weights are independent, since a state is a window of the bits; 16 weights come from
/// two 64-bit loads, a byte shuffle and a shift per lane.
/// </summary>
public static class TrellisDecoder
{
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
            Decode<Lanes512>(spec, packed, scale, weights);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Decode<Lanes256>(spec, packed, scale, weights);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Decode<Lanes128>(spec, packed, scale, weights);
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
    internal static void Decode<T>(in TrellisSpec spec, ReadOnlySpan<byte> packed, float scale, Span<float> weights) where T : struct, ILanes<T>
    {
        CheckLengths(spec, packed, weights);
        int rate = spec.BitsPer16, bytes = spec.BlockBytes, groups = spec.BlockLength >> 4;
        ref byte source = ref MemoryMarshal.GetReference(packed);
        ref float target = ref MemoryMarshal.GetReference(weights);
        var code = new TrellisCode.Lanes<T>(spec.StateBits);
        T factor = T.Float(scale);
        for (int lane = 0; lane < 16; lane += T.Count)
        {
            // Where the windows of these lanes start in the 16 bytes of a group: which bytes, and how many bits further.
            T offset = T.ShiftRight(T.MultiplyInt(T.Load(ref MemoryMarshal.GetReference(Iota), (nuint)lane), T.Int((uint)rate)), 4);
            T shift = T.And(offset, T.Int(7));
            T first = T.AddInt(T.ShiftRight(offset, 3), T.And(T.ShiftRight(offset, 3), T.Int(4)));
            T byteIndex = T.AddInt(T.MultiplyInt(first, T.Int(0x01010101)), T.Int(0x03020100));
            for (int group = 0; group < groups; group++)
            {
                Vector128<byte> bits = GroupBits(ref source, bytes, group * rate);
                T values = code.Values(T.ShiftRight(T.PickBytes(bits, byteIndex), shift));
                T.Store(T.Multiply(values, factor), ref target, (nuint)(group * 16 + lane));
            }
        }
    }

    /// <summary>
    /// The bits of a group of 16 weights from bit <paramref name="offset"/> of the string: the low half starts at that
    /// bit, the high half 32 bits further. Each half has 57 good bits, windows start in its first 32 and end 16 later.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> GroupBits(ref byte source, int bytes, int offset)
    {
        int first = offset >> 3, shift = offset & 7;
        ulong low, high;
        if (first + 12 <= bytes)
        {
            low = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, first));
            high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, first + 4));
        }
        else
        {
            low = WrappedBytes(ref source, bytes, first);
            high = WrappedBytes(ref source, bytes, first + 4);
        }
        return Vector128.Create(low >> shift, high >> shift).AsByte();
    }

    /// <summary>Eight bytes of the ring.</summary>
    private static ulong WrappedBytes(ref byte source, int bytes, int first)
    {
        ulong value = 0;
        for (int i = 0; i < 8; i++)
        {
            value |= (ulong)Unsafe.Add(ref source, (first + i) % bytes) << 8 * i;
        }
        return value;
    }

    private static void CheckLengths(in TrellisSpec spec, ReadOnlySpan<byte> packed, Span<float> weights)
    {
        if (packed.Length < spec.BlockBytes || weights.Length < spec.BlockLength)
        {
            throw new ArgumentException(
                $"A trellis block has {spec.BlockBytes} bytes and {spec.BlockLength} weights; {packed.Length} bytes and room for {weights.Length} weights were given.");
        }
    }

    private static ReadOnlySpan<uint> Iota => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
}
