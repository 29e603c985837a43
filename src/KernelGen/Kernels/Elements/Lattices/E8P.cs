using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// The E8P codebook of QuIP# (Tseng et al. 2024): 16 bits for 8 weights. 65,536 points of E8 + ¼, in which only 256
/// patterns of absolute values have to be stored.
/// </summary>
/// <remarks>
/// <code>
/// bit   0 … 7     pattern: eight absolute values of ½, 1½ or 2½
/// bit   8 … 14    signs of coordinates 0 … 6, 1 = negative; the sign of coordinate 7 makes the sum of all even
/// bit  15         all coordinates are moved by +¼ (1) or −¼ (0) after the signs
/// </code>
/// On unit Gaussian weights, multiplied by 1.03 before encoding, the mean squared error is 0.0914 (2·10⁶ samples).
///
/// Codes are not those of QuIP#'s files: which 29 of the patterns of squared norm 12 fill the table, and the order of all, is a
/// list in its program that no rule yields.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class E8P
{
    /// <summary>Weights of a code.</summary>
    public const int Dimension = 8;

    /// <summary>
    /// The scale for weights of root mean square 1: encode weights / scale, a weight is a coordinate times the scale. The
    /// inverse of QuIP#'s 1.03.
    /// </summary>
    public const float UnitScale = 1f / 1.03f;

    /// <summary>Values beyond this are taken as this, far outside the points, so that costs stay exact enough to compare.</summary>
    private const float Limit = 64f;

    /// <summary>The absolute patterns, doubled, eight bytes each; for generated kernels.</summary>
    public static ReadOnlySpan<ulong> Patterns => E8PTable.Patterns;

    /// <summary>Encodes vectors of 8 values by the nearest of all 65,536 points.</summary>
    /// <param name="values">Finite values in units of the scale, 8 per code; beyond ±64 they are taken as ±64.</param>
    /// <param name="codes">Receives the codes.</param>
    /// <returns>The sum of the squared errors.</returns>
    /// <exception cref="ArgumentException">The lengths do not match or a value is not finite.</exception>
    /// <remarks>
    /// For a pattern and a shift the best signs are those of the values, unless the sum would be odd: then the sign is
    /// turned where it costs least. So 512 candidates are compared, with costs in float32. Of equal costs the shift −¼,
    /// then the lower pattern wins.
    /// </remarks>
    public static double Encode(ReadOnlySpan<float> values, Span<ushort> codes)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Encode<Simd512>(values, codes);
        }
        if (Vector256.IsHardwareAccelerated)
        {
            return Encode<Simd256>(values, codes);
        }
        return Vector128.IsHardwareAccelerated ? Encode<Simd128>(values, codes) : Encode<Simd32>(values, codes);
    }

    /// <summary>
    /// The same search one pattern after the other, without vectors: the reference of <see cref="Encode"/> for generated
    /// formats. That both find the nearest of all points is tested against a search of the 65,536.
    /// </summary>
    /// <param name="values">Finite values in units of the scale, 8 per code.</param>
    /// <param name="codes">Receives the codes.</param>
    /// <returns>The sum of the squared errors.</returns>
    public static double EncodeReference(ReadOnlySpan<float> values, Span<ushort> codes) => Encode<Simd32>(values, codes);

    /// <summary>Decodes codes: weight = coordinate · scale, one rounding.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives 8 weights per code.</param>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    public static void Decode(ReadOnlySpan<ushort> codes, float scale, Span<float> values)
    {
        if (Avx2.IsSupported)
        {
            Decode256(codes, scale, values);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Decode128(codes, scale, values);
        }
        else
        {
            DecodeReference(codes, scale, values);
        }
    }

    /// <summary>The scalar reference of <see cref="Decode"/>.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="values">Receives 8 weights per code.</param>
    public static void DecodeReference(ReadOnlySpan<ushort> codes, float scale, Span<float> values)
    {
        CheckRoom(codes, values);
        for (int i = 0; i < codes.Length; i++)
        {
            ulong pattern = E8PTable.Patterns[codes[i] & 255];
            uint signs = Signs(codes[i], pattern);
            for (int d = 0; d < 8; d++)
            {
                float magnitude = (pattern >> 8 * d & 255) * 0.5f;
                float coordinate = ((signs >> d & 1) != 0 ? -magnitude : magnitude) + Shift(codes[i]);
                values[i * 8 + d] = coordinate * scale;
            }
        }
    }

    /// <summary>The search in lanes over patterns.</summary>
    internal static double Encode<T>(ReadOnlySpan<float> values, Span<ushort> codes)
        where T : struct, ISimd<T>
    {
        if (values.Length != codes.Length * 8)
        {
            throw new ArgumentException($"{codes.Length} codes hold {codes.Length * 8} values; {values.Length} were given.");
        }
        ref float table = ref MemoryMarshal.GetArrayDataReference(E8PSearchTable.Columns);
        Span<float> x = stackalloc float[8];
        Span<float> y = stackalloc float[8];
        double sum = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            for (int d = 0; d < 8; d++)
            {
                float value = values[i * 8 + d];
                if (!float.IsFinite(value))
                {
                    throw new ArgumentException($"Value {i * 8 + d} is {value}; only finite values can be encoded.", nameof(values));
                }
                x[d] = Math.Clamp(value, -Limit, Limit);
            }
            int low = BestPattern<T>(ref table, x, -0.25f, y, out float lowCost);
            int high = BestPattern<T>(ref table, x, 0.25f, y, out float highCost);
            codes[i] = lowCost <= highCost ? Complete(x, -0.25f, low) : Complete(x, 0.25f, high);
            sum += SquaredError(values.Slice(i * 8, 8), codes[i]);
        }
        return sum;
    }

    /// <summary>The best pattern under one shift. <paramref name="y"/> is scratch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int BestPattern<T>(ref float table, ReadOnlySpan<float> x, float shift, Span<float> y, out float cost)
        where T : struct, ISimd<T>
    {
        float norm = 0;
        int negatives = 0;
        for (int d = 0; d < 8; d++)
        {
            float moved = x[d] - shift;
            norm += moved * moved;
            negatives += moved < 0 ? 1 : 0;
            y[d] = MathF.Abs(moved);
        }
        // The row of the table that says which patterns need a sign turned: 4 for those, 0 for the others.
        nuint turn = (nuint)((9 + (negatives & 1)) * 256);
        T y0 = T.Float(y[0]),
            y1 = T.Float(y[1]),
            y2 = T.Float(y[2]),
            y3 = T.Float(y[3]);
        T y4 = T.Float(y[4]),
            y5 = T.Float(y[5]),
            y6 = T.Float(y[6]),
            y7 = T.Float(y[7]);
        T best = T.Float(float.PositiveInfinity),
            index = T.Int(0),
            number = T.Load(ref MemoryMarshal.GetReference(Iota), 0);
        T step = T.Int((uint)T.Count),
            minusTwo = T.Float(-2f);
        for (nuint p = 0; p < 256; p += (nuint)T.Count)
        {
            T p0 = T.Multiply(y0, T.Load(ref table, p)),
                p1 = T.Multiply(y1, T.Load(ref table, p + 256));
            T p2 = T.Multiply(y2, T.Load(ref table, p + 512)),
                p3 = T.Multiply(y3, T.Load(ref table, p + 768));
            T p4 = T.Multiply(y4, T.Load(ref table, p + 1024)),
                p5 = T.Multiply(y5, T.Load(ref table, p + 1280));
            T p6 = T.Multiply(y6, T.Load(ref table, p + 1536)),
                p7 = T.Multiply(y7, T.Load(ref table, p + 1792));
            T sum = T.Add(T.Add(T.Add(p0, p1), T.Add(p2, p3)), T.Add(T.Add(p4, p5), T.Add(p6, p7)));
            T least = T.Min(T.Min(T.Min(p0, p1), T.Min(p2, p3)), T.Min(T.Min(p4, p5), T.Min(p6, p7)));
            T patternCost = T.Fused(minusTwo, sum, T.Load(ref table, p + 2048));
            patternCost = T.Fused(T.Load(ref table, turn + p), least, patternCost);
            index = T.SelectLess(patternCost, best, number, index);
            best = T.Min(patternCost, best);
            number = T.AddInt(number, step);
        }
        Span<float> costs = stackalloc float[16];
        Span<uint> patterns = stackalloc uint[16];
        T.Store(best, ref MemoryMarshal.GetReference(costs), 0);
        T.Store(index, ref MemoryMarshal.GetReference(patterns), 0);
        int winner = 0;
        for (int i = 1; i < T.Count; i++)
        {
            if (costs[i] < costs[winner] || costs[i] == costs[winner] && patterns[i] < patterns[winner])
            {
                winner = i;
            }
        }
        cost = costs[winner] + norm;
        return (int)patterns[winner];
    }

    /// <summary>Adds the best signs to a pattern and a shift.</summary>
    private static ushort Complete(ReadOnlySpan<float> x, float shift, int patternIndex)
    {
        ulong pattern = E8PTable.Patterns[patternIndex];
        uint signs = 0;
        int cheapest = 0;
        float least = float.PositiveInfinity;
        for (int d = 0; d < 8; d++)
        {
            float moved = x[d] - shift;
            signs |= moved < 0 ? 1u << d : 0;
            float cost = MathF.Abs(moved) * ((pattern >> 8 * d & 255) * 0.5f);
            if (cost < least)
            {
                least = cost;
                cheapest = d;
            }
        }
        if (((uint)BitOperations.PopCount(signs) & 1) != Parity(pattern))
        {
            signs ^= 1u << cheapest;
        }
        return (ushort)((uint)patternIndex | (signs & 127) << 8 | (shift > 0 ? 0x8000u : 0));
    }

    private static double SquaredError(ReadOnlySpan<float> x, ushort code)
    {
        Span<float> point = stackalloc float[8];
        DecodeReference([code], 1f, point);
        double sum = 0;
        for (int d = 0; d < 8; d++)
        {
            sum += ((double)x[d] - point[d]) * ((double)x[d] - point[d]);
        }
        return sum;
    }

    internal static void Decode256(ReadOnlySpan<ushort> codes, float scale, Span<float> values)
    {
        CheckRoom(codes, values);
        ref ulong patterns = ref MemoryMarshal.GetReference(E8PTable.Patterns);
        ref float target = ref MemoryMarshal.GetReference(values);
        Vector256<uint> signPosition = Vector256.Create(31u, 30, 29, 28, 27, 26, 25, 24);
        Vector256<uint> signBit = Vector256.Create(0x80000000u);
        for (int i = 0; i < codes.Length; i++)
        {
            ushort code = codes[i];
            ulong pattern = Unsafe.Add(ref patterns, code & 255);
            Vector256<float> magnitude =
                Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(pattern).AsByte())) * 0.5f;
            Vector256<uint> sign = Avx2.ShiftLeftLogicalVariable(Vector256.Create(Signs(code, pattern)), signPosition) & signBit;
            Vector256<float> coordinate = (magnitude.AsUInt32() ^ sign).AsSingle() + Vector256.Create(Shift(code));
            (coordinate * scale).StoreUnsafe(ref target, (nuint)i * 8);
        }
    }

    internal static void Decode128(ReadOnlySpan<ushort> codes, float scale, Span<float> values)
    {
        CheckRoom(codes, values);
        ref ulong patterns = ref MemoryMarshal.GetReference(E8PTable.Patterns);
        ref float target = ref MemoryMarshal.GetReference(values);
        Vector128<uint> lowBits = Vector128.Create(1u, 2, 4, 8),
            highBits = lowBits << 4,
            signBit = Vector128.Create(0x80000000u);
        for (int i = 0; i < codes.Length; i++)
        {
            ushort code = codes[i];
            ulong pattern = Unsafe.Add(ref patterns, code & 255);
            Vector128<ushort> doubled = Vector128.WidenLower(Vector128.CreateScalar(pattern).AsByte());
            Vector128<uint> signs = Vector128.Create(Signs(code, pattern));
            Vector128<float> low = Vector128.ConvertToSingle(Vector128.WidenLower(doubled).AsInt32()) * 0.5f;
            Vector128<float> high = Vector128.ConvertToSingle(Vector128.WidenUpper(doubled).AsInt32()) * 0.5f;
            low = (low.AsUInt32() ^ Vector128.Equals(signs & lowBits, lowBits) & signBit).AsSingle() + Vector128.Create(Shift(code));
            high = (high.AsUInt32() ^ Vector128.Equals(signs & highBits, highBits) & signBit).AsSingle() + Vector128.Create(Shift(code));
            (low * scale).StoreUnsafe(ref target, (nuint)i * 8);
            (high * scale).StoreUnsafe(ref target, (nuint)i * 8 + 4);
        }
    }

    /// <summary>All eight signs: the last makes the number of negatives as even or odd as the sum of the absolute values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Signs(ushort code, ulong pattern)
    {
        uint signs = (uint)code >> 8 & 127;
        return signs | ((uint)BitOperations.PopCount(signs) & 1 ^ Parity(pattern)) << 7;
    }

    /// <summary>Whether the sum of the absolute values is odd: turning a sign changes the sum by an odd number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Parity(ulong pattern) => (uint)(pattern * 0x0101010101010101 >> 57) & 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Shift(ushort code) => (code & 0x8000) != 0 ? 0.25f : -0.25f;

    private static void CheckRoom(ReadOnlySpan<ushort> codes, Span<float> values)
    {
        if (values.Length < codes.Length * 8)
        {
            throw new ArgumentException($"{codes.Length} codes hold {codes.Length * 8} values; there is room for {values.Length}.");
        }
    }

    private static ReadOnlySpan<uint> Iota => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    /// <summary>
    /// The patterns by column, as the search reads them: eight rows of coordinates, one of squared norms, and for an even
    /// and an odd number of negative values one that is 4 where a sign has to be turned.
    /// </summary>
    private static class E8PSearchTable
    {
        public static readonly float[] Columns = Make();

        private static float[] Make()
        {
            var columns = new float[11 * 256];
            for (int p = 0; p < 256; p++)
            {
                ulong pattern = E8PTable.Patterns[p];
                for (int d = 0; d < 8; d++)
                {
                    float magnitude = (pattern >> 8 * d & 255) * 0.5f;
                    columns[d * 256 + p] = magnitude;
                    columns[8 * 256 + p] += magnitude * magnitude;
                }
                columns[9 * 256 + p] = Parity(pattern) == 1 ? 4f : 0f;
                columns[10 * 256 + p] = Parity(pattern) == 0 ? 4f : 0f;
            }
            return columns;
        }
    }
}
