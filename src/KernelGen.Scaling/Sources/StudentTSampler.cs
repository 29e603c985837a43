using System.Runtime.CompilerServices;

namespace KernelGen.Scaling;

/// <summary>
/// Bailey's polar form (Mathematics of Computation 62, 1994): r² = ν(u^(−2/ν) − 1) and a uniform angle give t = r·cos.
/// The second coordinate is uncorrelated with the first but not independent of it, so it is not used.
/// </summary>
internal readonly struct StudentTSampler(double degreesOfFreedom) : ISampler
{
    private readonly float _exponent = (float)(-2 / degreesOfFreedom);

    /// <summary>√(ν − 2): √ν of the radius times √((ν − 2)/ν), which makes the variance 1.</summary>
    private readonly float _scale = (float)Math.Sqrt(degreesOfFreedom - 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next<T>(ref RandomLanes<T> random, out T first, out T second)
        where T : struct, ILanes<T>
    {
        first = One(random.Next(), random.Next());
        second = One(random.Next(), random.Next());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T One<T>(T a, T b)
        where T : struct, ILanes<T>
    {
        T logarithm = LaneMath.Log(LaneMath.Uniform(a, b));
        T radius = T.Sqrt(LaneMath.ExpMinusOne(logarithm * T.Of(_exponent)));
        LaneMath.OnCircle(b, out T x, out _);
        return radius * x * T.Of(_scale);
    }
}
