using System.Runtime.CompilerServices;

namespace KernelGen.Scaling;

/// <summary>Box and Muller 1958: r = √(−2 ln u) and an independent angle give two independent Gaussians.</summary>
internal readonly struct GaussianSampler : ISampler
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next<T>(ref RandomLanes<T> random, out T first, out T second)
        where T : struct, ILanes<T>
    {
        T a = random.Next(),
            b = random.Next();
        Transform(a, b, out first, out second);
    }

    /// <summary>Two Gaussians per lane of 64 random bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transform<T>(T a, T b, out T first, out T second)
        where T : struct, ILanes<T>
    {
        T radius = T.Sqrt(LaneMath.Log(LaneMath.Uniform(a, b)) * T.Of(-2f));
        LaneMath.OnCircle(b, out T x, out T y);
        first = radius * x;
        second = radius * y;
    }
}
