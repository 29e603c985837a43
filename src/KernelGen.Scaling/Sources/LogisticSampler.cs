using System.Runtime.CompilerServices;

namespace KernelGen.Scaling;

/// <summary>
/// |x| = s·ln((2 − u)/u) with a random sign, from P(|x| &gt; y) = 2/(1 + e^(y/s)); s = √3/π makes the variance 1. Formed
/// from the tail, so both ends reach equally far.
/// </summary>
internal readonly struct LogisticSampler : ISampler
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next<T>(ref RandomLanes<T> random, out T first, out T second)
        where T : struct, ILanes<T>
    {
        first = One(random.Next(), random.Next());
        second = One(random.Next(), random.Next());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T One<T>(T a, T b)
        where T : struct, ILanes<T>
    {
        T tail = LaneMath.Uniform(a, b);
        T magnitude = (LaneMath.Log(T.Of(2f) - tail) - LaneMath.Log(tail)) * T.Of(0.55132890f);
        return LaneMath.WithSign(magnitude, b);
    }
}
