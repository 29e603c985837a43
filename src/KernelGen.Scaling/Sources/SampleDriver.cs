using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Scaling;

/// <summary>
/// Fills spans with samples. A step makes 32 values: the first of 16 lanes, then the second of the same lanes; narrower
/// vectors run the 16 lanes in turns, so the values depend on the seed and the chunk alone.
/// </summary>
internal static class SampleDriver
{
    private const int Lanes = 16,
        StepValues = 2 * Lanes;

    /// <summary>Weyl increment of SplitMix64 (Steele, Lea and Flood 2014): 2^64 / golden ratio, odd.</summary>
    private const ulong Golden = 0x9E3779B97F4A7C15ul;

    public static void Fill<TSampler>(TSampler sampler, ulong seed, long chunk, Span<float> values)
        where TSampler : struct, ISampler
    {
        Span<uint> states = stackalloc uint[4 * Lanes];
        Start(seed, chunk, states);
        int whole = values.Length - values.Length % StepValues;
        Run(sampler, states, values[..whole]);
        if (whole < values.Length)
        {
            Span<float> last = stackalloc float[StepValues];
            Run(sampler, states, last);
            last[..(values.Length - whole)].CopyTo(values[whole..]);
        }
    }

    private static void Run<TSampler>(TSampler sampler, Span<uint> states, Span<float> values)
        where TSampler : struct, ISampler
    {
        if (Vector512.IsHardwareAccelerated)
        {
            RunLanes<Lanes512, TSampler>(sampler, states, 0, values);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Run256(sampler, states, values);
        }
        else
        {
            Run128(sampler, states, values);
        }
    }

    internal static void Run256<TSampler>(TSampler sampler, Span<uint> states, Span<float> values)
        where TSampler : struct, ISampler
    {
        for (int lane = 0; lane < Lanes; lane += Lanes256.Width)
        {
            RunLanes<Lanes256, TSampler>(sampler, states, lane, values);
        }
    }

    internal static void Run128<TSampler>(TSampler sampler, Span<uint> states, Span<float> values)
        where TSampler : struct, ISampler
    {
        for (int lane = 0; lane < Lanes; lane += Lanes128.Width)
        {
            RunLanes<Lanes128, TSampler>(sampler, states, lane, values);
        }
    }

    private static void RunLanes<TLanes, TSampler>(TSampler sampler, Span<uint> states, int lane, Span<float> values)
        where TLanes : struct, ILanes<TLanes>
        where TSampler : struct, ISampler
    {
        var random = new RandomLanes<TLanes>(states, lane);
        for (int i = lane; i < values.Length; i += StepValues)
        {
            sampler.Next(ref random, out TLanes first, out TLanes second);
            first.Store(ref values[i]);
            second.Store(ref values.Slice(i + Lanes, TLanes.Width)[0]);
        }
        random.Save(states, lane);
    }

    /// <summary>
    /// States of 16 generators. Both hashes are bijections of the chunk number for a given seed, so two chunks never
    /// share a key, and the two halves of a lane's state come from different keys.
    /// </summary>
    internal static void Start(ulong seed, long chunk, Span<uint> states)
    {
        ulong key = Mix(Mix(seed + Golden) ^ Mix((ulong)chunk));
        ulong other = Mix(key ^ 0xD1B54A32D192ED03ul);
        for (int lane = 0; lane < Lanes; lane++)
        {
            ulong low = Mix(key + Golden * (ulong)(2 * lane + 1)),
                high = Mix(other + Golden * (ulong)(2 * lane + 2));
            states[lane] = (uint)low | 1u; // a generator at all zeros would stay there
            states[Lanes + lane] = (uint)(low >> 32);
            states[2 * Lanes + lane] = (uint)high;
            states[3 * Lanes + lane] = (uint)(high >> 32);
        }
    }

    /// <summary>SplitMix64's finaliser, a bijection of 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong z)
    {
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ul;
        z = (z ^ z >> 27) * 0x94D049BB133111EBul;
        return z ^ z >> 31;
    }
}
