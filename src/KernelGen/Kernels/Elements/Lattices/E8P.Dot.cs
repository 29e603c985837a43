using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Elements;

/// <summary>The product with activations: points are small integers of quarters, a byte each, eight to a table entry.</summary>
public static partial class E8P
{
    /// <summary>Σ coordinate·x at the scale 1.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="x">Eight activations per code.</param>
    /// <exception cref="ArgumentException">There are too few activations.</exception>
    public static float Dot(ReadOnlySpan<ushort> codes, ReadOnlySpan<float> x)
    {
        if (x.Length < codes.Length * 8)
        {
            throw new ArgumentException($"{codes.Length} codes hold {codes.Length * 8} weights; {x.Length} activations were given.");
        }
        ref ulong points = ref MemoryMarshal.GetArrayDataReference(DotTable.Points);
        ref ulong flips = ref MemoryMarshal.GetArrayDataReference(DotTable.Flips);
        ref ulong shifts = ref MemoryMarshal.GetArrayDataReference(DotTable.Shifts);
        ref float activations = ref MemoryMarshal.GetReference(x);
        var sums = new ByteSums();
        int i = 0;
        for (; i <= codes.Length - 4; i += 4)
        {
            sums.Add(
                Two(codes[i], codes[i + 1], ref points, ref flips, ref shifts),
                Two(codes[i + 2], codes[i + 3], ref points, ref flips, ref shifts),
                ref Unsafe.Add(ref activations, i * 8)
            );
        }
        float sum = sums.Total * 0.25f;
        Span<float> point = stackalloc float[8];
        for (; i < codes.Length; i++)
        {
            DecodeReference(codes.Slice(i, 1), 1f, point);
            sum += DenseDot.Dot(point, x[(i * 8)..], 8);
        }
        return sum;
    }

    /// <summary>Two codes as 16 bytes: magnitudes, turned by all bits where a sign is negative, plus one there, plus or less the quarter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Two(ushort first, ushort second, ref ulong points, ref ulong flips, ref ulong shifts)
    {
        Vector128<ulong> turned = Vector128.Create(
            Unsafe.Add(ref points, first & 255) ^ Unsafe.Add(ref flips, first >> 8),
            Unsafe.Add(ref points, second & 255) ^ Unsafe.Add(ref flips, second >> 8)
        );
        return turned.AsSByte() + Vector128.Create(Unsafe.Add(ref shifts, first >> 8), Unsafe.Add(ref shifts, second >> 8)).AsSByte();
    }

    /// <summary>
    /// By the low byte of a code the point's magnitudes in quarters, the last one negative where the pattern's sum is odd; by the high byte
    /// the signs, all bits set where negative, the last one making their number even; and what completes the negation, with the shift.
    /// </summary>
    private static class DotTable
    {
        public static readonly ulong[] Points = Make(
            (code, d) =>
            {
                int quarters = (int)(E8PTable.Patterns[code] >> 8 * d & 255) * 2;
                return d == 7 && Parity(E8PTable.Patterns[code]) == 1 ? -quarters : quarters;
            }
        );

        public static readonly ulong[] Flips = Make((code, d) => IsNegative(code, d) ? -1 : 0);

        public static readonly ulong[] Shifts = Make((code, d) => (IsNegative(code, d) ? 1 : 0) + ((code & 128) != 0 ? 1 : -1));

        private static bool IsNegative(int code, int d) =>
            d < 7 ? (code >> d & 1) != 0 : (BitOperations.PopCount((uint)code & 127) & 1) != 0;

        private static ulong[] Make(Func<int, int, int> entry)
        {
            var table = new ulong[256];
            for (int code = 0; code < 256; code++)
            {
                for (int d = 0; d < 8; d++)
                {
                    table[code] |= (ulong)(byte)(sbyte)entry(code, d) << 8 * d;
                }
            }
            return table;
        }
    }

    /// <summary>Sums of products of signed bytes and activations, 32 at a time, in as wide vectors as the machine has.</summary>
    internal ref struct ByteSums
    {
        private Vector512<float> _low,
            _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector128<sbyte> low, Vector128<sbyte> high, ref float x)
        {
            _low = Vector512.MultiplyAddEstimate(Widen(low), Vector512.LoadUnsafe(ref x), _low);
            _high = Vector512.MultiplyAddEstimate(Widen(high), Vector512.LoadUnsafe(ref x, 16), _high);
        }

        public readonly float Total => GroupMath.LaneSum(_low + _high);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> Widen(Vector128<sbyte> bytes)
        {
            if (Avx512F.IsSupported)
            {
                return Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(bytes));
            }
            if (Avx2.IsSupported)
            {
                return Vector512.Create(
                    Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(bytes)),
                    Avx.ConvertToVector256Single(
                        Avx2.ConvertToVector256Int32(Vector128.Shuffle(bytes.AsInt64(), Vector128.Create(1L, 1L)).AsSByte())
                    )
                );
            }
            (Vector128<short> first, Vector128<short> second) = Vector128.Widen(bytes);
            return Vector512.Create(
                Vector256.Create(
                    Vector128.ConvertToSingle(Vector128.WidenLower(first)),
                    Vector128.ConvertToSingle(Vector128.WidenUpper(first))
                ),
                Vector256.Create(
                    Vector128.ConvertToSingle(Vector128.WidenLower(second)),
                    Vector128.ConvertToSingle(Vector128.WidenUpper(second))
                )
            );
        }
    }
}
