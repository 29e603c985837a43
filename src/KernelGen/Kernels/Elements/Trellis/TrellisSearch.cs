using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// One step of the Viterbi search in lanes. States are held with the oldest bit highest (the reverse of the packed
/// order), so that the states that share their newest bits lie a power of two apart and those that share their oldest
/// bits side by side.
/// </summary>
/// <remarks>
/// Before a step, <c>from[q]</c> is the least error of a path whose next state starts with the bits q. A state s of
/// the step starts with <c>s ≫ entered</c>, where <c>entered</c> bits are new; its paths cost <c>from[s ≫ entered]</c>
/// + (x − value(s))². After it, <c>left</c> bits leave the window: <c>to[p]</c> is the least of the 2^left states that
/// end with the bits p. Which of them it was is not kept but asked for again on the way back, where it matters for one state
/// of a step: of equal costs the lowest is taken. That leaves four operations for 16 states, two of them loads.
/// </remarks>
internal static class TrellisSearch
{
    /// <summary>Floats that must be readable beyond the end of the metrics.</summary>
    public const int Padding = 16;

    /// <summary>Runs a step in the widest lanes the machine has.</summary>
    /// <remarks>With a root, the differences of this step are multiplied by it: it is the root of the value's weight.</remarks>
    public static void Step(
        float x,
        float? root,
        int stateBits,
        int entered,
        int left,
        float[] values,
        ReadOnlySpan<float> from,
        Span<float> to
    )
    {
        if (root is { } factor)
        {
            Widest<WeightedMetric>(x, factor, stateBits, entered, left, values, from, to);
        }
        else
        {
            Widest<PlainMetric>(x, 1f, stateBits, entered, left, values, from, to);
        }
    }

    private static void Widest<TMetric>(
        float x,
        float root,
        int stateBits,
        int entered,
        int left,
        float[] values,
        ReadOnlySpan<float> from,
        Span<float> to
    )
        where TMetric : struct, ISearchMetric
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Step<Simd512, TMetric>(x, root, stateBits, entered, left, values, from, to);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Step<Simd256, TMetric>(x, root, stateBits, entered, left, values, from, to);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Step<Simd128, TMetric>(x, root, stateBits, entered, left, values, from, to);
        }
        else
        {
            StepReference(x, root, stateBits, entered, left, values, from, to);
        }
    }

    /// <summary>The step as its definition says it.</summary>
    public static void StepReference(
        float x,
        float root,
        int stateBits,
        int entered,
        int left,
        float[] values,
        ReadOnlySpan<float> from,
        Span<float> to
    )
    {
        int ends = 1 << stateBits - left;
        for (int p = 0; p < ends; p++)
        {
            Decide(x, root, stateBits, entered, left, values, from, p, out to[p]);
        }
    }

    /// <summary>
    /// Which of the states that end with the bits <paramref name="end"/> costs least, of equal ones the lowest: its oldest bits.
    /// </summary>
    public static int Decide(
        float x,
        float root,
        int stateBits,
        int entered,
        int left,
        float[] values,
        ReadOnlySpan<float> from,
        int end,
        out float least
    )
    {
        int ends = 1 << stateBits - left,
            best = 0;
        least = float.PositiveInfinity;
        for (int j = 0; j < 1 << left; j++)
        {
            int state = j * ends + end;
            float distance = (x - values[state]) * root;
            float cost = MathF.FusedMultiplyAdd(distance, distance, from[state >> entered]);
            if (cost < least)
            {
                least = cost;
                best = j;
            }
        }
        return best;
    }

    /// <summary>
    /// The step in lanes. Optimised at once: there is no static data that tiering would turn into constants, and a first matrix
    /// would be encoded at a quarter of the speed.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Step<T, TMetric>(
        float x,
        float root,
        int stateBits,
        int entered,
        int left,
        float[] values,
        ReadOnlySpan<float> from,
        Span<float> to
    )
        where T : struct, ISimd<T>
        where TMetric : struct, ISearchMetric
    {
        int ends = 1 << stateBits - left,
            choices = 1 << left;
        if (values.Length < choices * ends || from.Length < (choices * ends >> entered) + Padding || to.Length < ends)
        {
            throw new ArgumentException("A buffer of the trellis search is too short.");
        }
        ref float value = ref MemoryMarshal.GetArrayDataReference(values);
        ref float source = ref MemoryMarshal.GetReference(from);
        ref float target = ref MemoryMarshal.GetReference(to);
        // Neighbouring states share their start: lane i takes from[q + (i >> entered)].
        T spread = T.ShiftRight(T.Load(ref MemoryMarshal.GetReference(Iota), 0), entered);
        T sample = T.Float(x),
            factor = T.Float(root);
        nuint stride = (nuint)(ends >> entered),
            wide = (nuint)ends,
            states = (nuint)(choices * ends);
        for (nuint p = 0; p < wide; p += (nuint)T.Count)
        {
            nuint start = p >> entered;
            T least = Cost<T, TMetric>(ref value, p, ref source, start, sample, factor, spread);
            for (nuint state = p + wide; state < states; state += wide)
            {
                start += stride;
                least = T.Min(Cost<T, TMetric>(ref value, state, ref source, start, sample, factor, spread), least);
            }
            T.Store(least, ref target, p);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Cost<T, TMetric>(ref float value, nuint state, ref float source, nuint start, T sample, T factor, T spread)
        where T : struct, ISimd<T>
        where TMetric : struct, ISearchMetric
    {
        T distance = T.Subtract(sample, T.Load(ref value, state));
        distance = TMetric.IsWeighted ? T.Multiply(distance, factor) : distance;
        return T.Fused(distance, distance, T.LoadPermuted(ref source, start, spread));
    }

    private static ReadOnlySpan<uint> Iota => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
}
