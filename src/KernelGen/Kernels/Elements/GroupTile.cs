using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Statistics of up to 16 neighbouring groups, one a lane: scales of a tile of groups are chosen side by side, because those of one group
/// are a chain of dependent instructions. Lanes without a group hold zeros.
/// </summary>
/// <typeparam name="TSize">The size of a group, a constant to the JIT.</typeparam>
internal static class GroupTile<TSize>
    where TSize : struct, IGroupSize
{
    /// <summary>Groups of a whole tile.</summary>
    public const int Groups = 16;

    private const uint MagnitudeMask = 0x7FFFFFFFu,
        SignBit = 0x80000000u;

    /// <summary>The bits of max|x| of each group, as <see cref="GroupMath.MagnitudeBits"/> has them.</summary>
    /// <param name="values">Values of 1 to 16 groups.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Magnitudes(ReadOnlySpan<float> values) =>
        IsWhole(values) ? Tree<uint, LargestMagnitude>(ref MemoryMarshal.GetReference(values)) : FewMagnitudes(values);

    /// <summary>The first value of largest magnitude of each group, with its sign, as <see cref="GroupMath.SignedMax"/> has it.</summary>
    /// <param name="values">Values of 1 to 16 groups.</param>
    /// <param name="magnitudes">Receives <see cref="Magnitudes"/>; where those are not finite the result has no meaning.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SignedMax(ReadOnlySpan<float> values, out Vector512<uint> magnitudes)
    {
        if (!IsWhole(values))
        {
            return FewSignedMax(values, out magnitudes);
        }
        ref float first = ref MemoryMarshal.GetReference(values);
        // As integers, floats of 0 and above are in order and negative ones below them; unsigned, the largest magnitude below 0 is on top.
        Vector512<uint> positive = Vector512.Max(Tree<int, LargestSigned>(ref first), Vector512<int>.Zero).AsUInt32();
        Vector512<uint> lowest = Tree<uint, LargestUnsigned>(ref first);
        Vector512<uint> negative =
            Vector512.GreaterThanOrEqual(lowest, Vector512.Create(SignBit)) & lowest & Vector512.Create(MagnitudeMask);
        magnitudes = Vector512.Max(positive, negative);
        Vector512<uint> signed = Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(positive, negative), positive, lowest);
        ulong both = (
            Vector512.Equals(positive, negative) & Vector512.GreaterThan(positive, Vector512<uint>.Zero)
        ).ExtractMostSignificantBits();
        return both == 0 ? signed.AsSingle() : FirstOfBoth(values, magnitudes, signed.AsSingle(), both);
    }

    /// <summary>Smallest and largest value of each group, as <see cref="GroupMath.Range"/> has them.</summary>
    /// <param name="values">Finite values of 1 to 16 groups.</param>
    /// <param name="max">Receives the largest.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Range(ReadOnlySpan<float> values, out Vector512<float> max)
    {
        if (!IsWhole(values))
        {
            return FewRange(values, out max);
        }
        ref float first = ref MemoryMarshal.GetReference(values);
        // adding +0 makes +0 of −0
        max = Tree<float, LargestFloat>(ref first) + Vector512<float>.Zero;
        return Tree<float, SmallestFloat>(ref first) + Vector512<float>.Zero;
    }

    /// <summary>Whether there are 16 groups of whole vectors, which are read without further checks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsWhole(ReadOnlySpan<float> values) =>
        Avx512F.IsSupported && TSize.Group >= 16 && TSize.Group % 16 == 0 && values.Length == Groups * TSize.Group;

    /// <summary>Every group's values joined in one lane: vectors are joined and transposed at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Tree<T, TJoin>(ref float first)
        where T : struct
        where TJoin : struct, IJoin<T>
    {
        Vector512<uint> a = Four<T, TJoin>(ref first).AsUInt32(),
            b = Four<T, TJoin>(ref Unsafe.Add(ref first, 4 * TSize.Group)).AsUInt32();
        Vector512<uint> c = Four<T, TJoin>(ref Unsafe.Add(ref first, 8 * TSize.Group)).AsUInt32(),
            d = Four<T, TJoin>(ref Unsafe.Add(ref first, 12 * TSize.Group)).AsUInt32();
        Vector512<uint> ab = TJoin
            .Join(Avx512F.Shuffle4x128(a, b, 0x88).As<uint, T>(), Avx512F.Shuffle4x128(a, b, 0xDD).As<uint, T>())
            .AsUInt32();
        Vector512<uint> cd = TJoin
            .Join(Avx512F.Shuffle4x128(c, d, 0x88).As<uint, T>(), Avx512F.Shuffle4x128(c, d, 0xDD).As<uint, T>())
            .AsUInt32();
        return TJoin.Join(Avx512F.Shuffle4x128(ab, cd, 0x88).As<uint, T>(), Avx512F.Shuffle4x128(ab, cd, 0xDD).As<uint, T>());
    }

    /// <summary>Four groups, each in one dword of every 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Four<T, TJoin>(ref float first)
        where T : struct
        where TJoin : struct, IJoin<T>
    {
        Vector512<uint> a = One<T, TJoin>(ref first).AsUInt32(),
            b = One<T, TJoin>(ref Unsafe.Add(ref first, TSize.Group)).AsUInt32();
        Vector512<uint> c = One<T, TJoin>(ref Unsafe.Add(ref first, 2 * TSize.Group)).AsUInt32(),
            d = One<T, TJoin>(ref Unsafe.Add(ref first, 3 * TSize.Group)).AsUInt32();
        Vector512<ulong> ab = TJoin.Join(Avx512F.UnpackLow(a, b).As<uint, T>(), Avx512F.UnpackHigh(a, b).As<uint, T>()).AsUInt64();
        Vector512<ulong> cd = TJoin.Join(Avx512F.UnpackLow(c, d).As<uint, T>(), Avx512F.UnpackHigh(c, d).As<uint, T>()).AsUInt64();
        return TJoin.Join(Avx512F.UnpackLow(ab, cd).As<ulong, T>(), Avx512F.UnpackHigh(ab, cd).As<ulong, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> One<T, TJoin>(ref float first)
        where T : struct
        where TJoin : struct, IJoin<T>
    {
        Vector512<T> all = TJoin.Of(Vector512.LoadUnsafe(ref first));
        if (TSize.Group == 32)
        {
            // the commonest size, written out: the JIT does not unroll the loop
            return TJoin.Join(all, TJoin.Of(Vector512.LoadUnsafe(ref first, 16)));
        }
        for (nint i = 16; i < TSize.Group; i += 16)
        {
            all = TJoin.Join(all, TJoin.Of(Vector512.LoadUnsafe(ref first, (nuint)i)));
        }
        return all;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> FirstOfBoth(ReadOnlySpan<float> values, Vector512<uint> magnitudes, Vector512<float> signed, ulong both)
    {
        for (int g = 0; g < Groups; g++)
        {
            if ((both >> g & 1) != 0)
            {
                signed = signed.WithElement(g, GroupMath.SignedMax(values.Slice(g * TSize.Group, TSize.Group), magnitudes.GetElement(g)));
            }
        }
        return signed;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<uint> FewMagnitudes(ReadOnlySpan<float> values)
    {
        Span<uint> result = stackalloc uint[Groups];
        result.Clear();
        for (int g = 0; g < values.Length / TSize.Group; g++)
        {
            result[g] = GroupMath.MagnitudeBits(values.Slice(g * TSize.Group, TSize.Group));
        }
        return Vector512.Create<uint>(result);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> FewSignedMax(ReadOnlySpan<float> values, out Vector512<uint> magnitudes)
    {
        Span<uint> bits = stackalloc uint[Groups];
        Span<float> result = stackalloc float[Groups];
        bits.Clear();
        result.Clear();
        for (int g = 0; g < values.Length / TSize.Group; g++)
        {
            ReadOnlySpan<float> one = values.Slice(g * TSize.Group, TSize.Group);
            bits[g] = GroupMath.MagnitudeBits(one);
            result[g] = GroupMath.SignedMax(one, bits[g]);
        }
        magnitudes = Vector512.Create<uint>(bits);
        return Vector512.Create<float>(result);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> FewRange(ReadOnlySpan<float> values, out Vector512<float> max)
    {
        Span<float> low = stackalloc float[Groups],
            high = stackalloc float[Groups];
        low.Clear();
        high.Clear();
        for (int g = 0; g < values.Length / TSize.Group; g++)
        {
            (low[g], high[g]) = GroupMath.Range(values.Slice(g * TSize.Group, TSize.Group));
        }
        max = Vector512.Create<float>(high);
        return Vector512.Create<float>(low);
    }

    /// <summary>What joins two values into one.</summary>
    private interface IJoin<T>
        where T : struct
    {
        static abstract Vector512<T> Of(Vector512<float> values);

        static abstract Vector512<T> Join(Vector512<T> a, Vector512<T> b);
    }

    private readonly struct LargestMagnitude : IJoin<uint>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<uint> Of(Vector512<float> values) => values.AsUInt32() & Vector512.Create(MagnitudeMask);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<uint> Join(Vector512<uint> a, Vector512<uint> b) => Vector512.Max(a, b);
    }

    private readonly struct LargestUnsigned : IJoin<uint>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<uint> Of(Vector512<float> values) => values.AsUInt32();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<uint> Join(Vector512<uint> a, Vector512<uint> b) => Vector512.Max(a, b);
    }

    private readonly struct LargestSigned : IJoin<int>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<int> Of(Vector512<float> values) => values.AsInt32();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<int> Join(Vector512<int> a, Vector512<int> b) => Vector512.Max(a, b);
    }

    private readonly struct LargestFloat : IJoin<float>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> values) => values;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Join(Vector512<float> a, Vector512<float> b) => Vector512.MaxNative(a, b);
    }

    private readonly struct SmallestFloat : IJoin<float>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> values) => values;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Join(Vector512<float> a, Vector512<float> b) => Vector512.MinNative(a, b);
    }
}
