using System.Runtime.CompilerServices;

namespace KernelGen.Scaling;

/// <summary>|x| = −ln(u)/√2 with a random sign: Laplace of scale 1/√2, so that the variance is 1.</summary>
internal readonly struct LaplaceSampler : ISampler
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
        where T : struct, ILanes<T> => LaneMath.WithSign(LaneMath.Log(LaneMath.Uniform(a, b)) * T.Of(-0.70710678f), b);
}
