using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelGen;

/// <summary>
/// One step of the Viterbi search in lanes. States are held with the oldest bit highest (the reverse of the packed
/// order), so that the states that share their newest bits lie a power of two apart and those that share their oldest
/// bits side by side.
/// </summary>
/// <remarks>
/// Before a step, <c>from[q]</c> is the least error of a path whose next state starts with the bits q. A state s of
/// the step starts with <c>s ≫ entered</c>, where <c>entered</c> bits are new; its paths cost <c>from[s ≫ entered]</c>
/// + (x − value(s))². After it, <c>left</c> bits leave the window: <c>to[p]</c> is the least of the 2^left states that
/// end with the bits p, and <c>decision[p]</c> the bits that left. Of equal costs the lowest decision is kept.
/// </remarks>
internal static class TrellisSearch
{
    /// <summary>Floats that must be readable beyond the end of the metrics.</summary>
    public const int Padding = 16;

    /// <summary>Runs a step in the widest lanes the machine has.</summary>
    /// <remarks>With a root, the differences of this step are multiplied by it: it is the root of the value's weight.</remarks>
    public static void Step(float x, float? root, int stateBits, int entered, int left, float[] values, float[] from, float[] to, Span<byte> decision)
    {
        if (root is { } factor)
        {
            Widest<WeightedMetric>(x, factor, stateBits, entered, left, values, from, to, decision);
        }
        else
        {
            Widest<PlainMetric>(x, 1f, stateBits, entered, left, values, from, to, decision);
        }
    }

    private static void Widest<TMetric>(float x, float root, int stateBits, int entered, int left, float[] values, float[] from, float[] to, Span<byte> decision)
        where TMetric : struct, ISearchMetric
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Step<Simd512, TMetric>(x, root, stateBits, entered, left, values, from, to, decision);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Step<Simd256, TMetric>(x, root, stateBits, entered, left, values, from, to, decision);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Step<Simd128, TMetric>(x, root, stateBits, entered, left, values, from, to, decision);
        }
        else
        {
            StepReference(x, root, stateBits, entered, left, values, from, to, decision);
        }
    }

    /// <summary>The step as its definition says it.</summary>
    public static void StepReference(float x, float root, int stateBits, int entered, int left, float[] values, float[] from, float[] to, Span<byte> decision)
    {
        int ends = 1 << stateBits - left;
        for (int p = 0; p < ends; p++)
        {
            float least = float.PositiveInfinity;
            int best = 0;
            for (int j = 0; j < 1 << left; j++)
            {
                int state = j * ends + p;
                float distance = (x - values[state]) * root;
                float cost = MathF.FusedMultiplyAdd(distance, distance, from[state >> entered]);
                if (cost < least)
                {
                    least = cost;
                    best = j;
                }
            }
            to[p] = least;
            decision[p] = (byte)best;
        }
    }

    /// <summary>
    /// The step in lanes. Optimised at once: a first matrix of 400 blocks, 2^12 states, encodes at 1.7 instead of 0.4
    /// million weights a second, and there is no static data that tiering would turn into constants.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Step<T, TMetric>(float x, float root, int stateBits, int entered, int left, float[] values, float[] from, float[] to, Span<byte> decision)
        where T : struct, ISimd<T> where TMetric : struct, ISearchMetric
    {
        int ends = 1 << stateBits - left, choices = 1 << left;
        if (values.Length < choices * ends || from.Length < (choices * ends >> entered) + Padding || to.Length < ends || decision.Length < ends)
        {
            throw new ArgumentException("A buffer of the trellis search is too short.");
        }
        ref float value = ref MemoryMarshal.GetArrayDataReference(values);
        ref float source = ref MemoryMarshal.GetArrayDataReference(from);
        ref float target = ref MemoryMarshal.GetArrayDataReference(to);
        ref byte chosen = ref MemoryMarshal.GetReference(decision);
        // Neighbouring states share their start: lane i takes from[q + (i >> entered)].
        T spread = T.ShiftRight(T.Load(ref MemoryMarshal.GetReference(Iota), 0), entered);
        T sample = T.Float(x), factor = T.Float(root);
        int stride = ends >> entered;
        for (int p = 0; p < ends; p += T.Count)
        {
            int start = p >> entered;
            T distance = T.Subtract(sample, T.Load(ref value, (nuint)p));
            distance = TMetric.IsWeighted ? T.Multiply(distance, factor) : distance;
            T least = T.Fused(distance, distance, T.LoadPermuted(ref source, (nuint)start, spread));
            T best = T.Int(0);
            for (int j = 1; j < choices; j++)
            {
                distance = T.Subtract(sample, T.Load(ref value, (nuint)(j * ends + p)));
                distance = TMetric.IsWeighted ? T.Multiply(distance, factor) : distance;
                T cost = T.Fused(distance, distance, T.LoadPermuted(ref source, (nuint)(j * stride + start), spread));
                best = T.SelectLess(cost, least, T.Int((uint)j), best);
                least = T.Min(cost, least);
            }
            T.Store(least, ref target, (nuint)p);
            T.StoreBytes(best, ref chosen, (nuint)p);
        }
    }

    private static ReadOnlySpan<uint> Iota => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
}
