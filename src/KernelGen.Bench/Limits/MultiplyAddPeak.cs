using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelGen.Bench;

/// <summary>
/// What one thread multiplies and adds in float32 with nothing to load: the limit of every float32 product, on this machine in this hour.
/// </summary>
internal static class MultiplyAddPeak
{
    private const int Steps = 4096;

    /// <summary>Keeps the sums alive, or the compiler might drop the work.</summary>
    private static float s_sink;

    /// <summary>Multiplications and additions a second, in the third fastest of some thousand stretches.</summary>
    public static double OperationsPerSecond()
    {
        double best = FastestCall.Seconds(() => s_sink += Stretch(), 0.3);
        int lanes =
            Vector512.IsHardwareAccelerated ? 16
            : Vector256.IsHardwareAccelerated ? 8
            : 4;
        return Steps * 8.0 * 2 * lanes / best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Stretch() =>
        Vector512.IsHardwareAccelerated ? Wide()
        : Vector256.IsHardwareAccelerated ? Half()
        : Quarter();

    /// <summary>Eight chains, enough to hide the latency of four cycles on two units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Wide()
    {
        Vector512<float> m = Vector512.Create(0.999f),
            a = m,
            b = m,
            c = m,
            d = m,
            e = m,
            f = m,
            g = m,
            h = m;
        for (int i = 0; i < Steps; i++)
        {
            (a, b, c, d) = (
                Vector512.FusedMultiplyAdd(a, m, m),
                Vector512.FusedMultiplyAdd(b, m, m),
                Vector512.FusedMultiplyAdd(c, m, m),
                Vector512.FusedMultiplyAdd(d, m, m)
            );
            (e, f, g, h) = (
                Vector512.FusedMultiplyAdd(e, m, m),
                Vector512.FusedMultiplyAdd(f, m, m),
                Vector512.FusedMultiplyAdd(g, m, m),
                Vector512.FusedMultiplyAdd(h, m, m)
            );
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Half()
    {
        Vector256<float> m = Vector256.Create(0.999f),
            a = m,
            b = m,
            c = m,
            d = m,
            e = m,
            f = m,
            g = m,
            h = m;
        for (int i = 0; i < Steps; i++)
        {
            (a, b, c, d) = (
                Vector256.MultiplyAddEstimate(a, m, m),
                Vector256.MultiplyAddEstimate(b, m, m),
                Vector256.MultiplyAddEstimate(c, m, m),
                Vector256.MultiplyAddEstimate(d, m, m)
            );
            (e, f, g, h) = (
                Vector256.MultiplyAddEstimate(e, m, m),
                Vector256.MultiplyAddEstimate(f, m, m),
                Vector256.MultiplyAddEstimate(g, m, m),
                Vector256.MultiplyAddEstimate(h, m, m)
            );
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Quarter()
    {
        Vector128<float> m = Vector128.Create(0.999f),
            a = m,
            b = m,
            c = m,
            d = m,
            e = m,
            f = m,
            g = m,
            h = m;
        for (int i = 0; i < Steps; i++)
        {
            (a, b, c, d) = (
                Vector128.MultiplyAddEstimate(a, m, m),
                Vector128.MultiplyAddEstimate(b, m, m),
                Vector128.MultiplyAddEstimate(c, m, m),
                Vector128.MultiplyAddEstimate(d, m, m)
            );
            (e, f, g, h) = (
                Vector128.MultiplyAddEstimate(e, m, m),
                Vector128.MultiplyAddEstimate(f, m, m),
                Vector128.MultiplyAddEstimate(g, m, m),
                Vector128.MultiplyAddEstimate(h, m, m)
            );
        }
        return Vector128.Sum(a + b + c + d + e + f + g + h);
    }
}
