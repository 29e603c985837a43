using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Bench;

/// <summary>
/// What one thread multiplies and adds in bytes with nothing to load: neighbouring products of bytes added to 16 bits, which is what
/// integer products are made of. Widening, scaling and loading come on top, so no product reaches it.
/// </summary>
internal static class ByteMultiplyAddPeak
{
    private const int Steps = 4096;

    /// <summary>Keeps the sums alive, or the compiler might drop the work.</summary>
    private static int s_sink;

    /// <summary>
    /// Multiplications and additions a second, in the third fastest of some thousand stretches; null where the machine has no such
    /// instruction.
    /// </summary>
    public static double? OperationsPerSecond()
    {
        if (!Avx2.IsSupported)
        {
            return null;
        }
        double best = FastestCall.Seconds(() => s_sink += Avx512BW.IsSupported ? Wide() : Half(), 0.3);
        return Steps * 8.0 * 2 * (Avx512BW.IsSupported ? 64 : 32) / best;
    }

    /// <summary>Eight chains, enough to hide the latency of four cycles on two units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Wide()
    {
        Vector512<sbyte> m = Vector512.Create((sbyte)3);
        Vector512<short> a = m.AsInt16(),
            b = a,
            c = a,
            d = a,
            e = a,
            f = a,
            g = a,
            h = a;
        for (int i = 0; i < Steps; i++)
        {
            (a, b) = (Avx512BW.MultiplyAddAdjacent(a.AsByte(), m), Avx512BW.MultiplyAddAdjacent(b.AsByte(), m));
            (c, d) = (Avx512BW.MultiplyAddAdjacent(c.AsByte(), m), Avx512BW.MultiplyAddAdjacent(d.AsByte(), m));
            (e, f) = (Avx512BW.MultiplyAddAdjacent(e.AsByte(), m), Avx512BW.MultiplyAddAdjacent(f.AsByte(), m));
            (g, h) = (Avx512BW.MultiplyAddAdjacent(g.AsByte(), m), Avx512BW.MultiplyAddAdjacent(h.AsByte(), m));
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Half()
    {
        Vector256<sbyte> m = Vector256.Create((sbyte)3);
        Vector256<short> a = m.AsInt16(),
            b = a,
            c = a,
            d = a,
            e = a,
            f = a,
            g = a,
            h = a;
        for (int i = 0; i < Steps; i++)
        {
            (a, b) = (Avx2.MultiplyAddAdjacent(a.AsByte(), m), Avx2.MultiplyAddAdjacent(b.AsByte(), m));
            (c, d) = (Avx2.MultiplyAddAdjacent(c.AsByte(), m), Avx2.MultiplyAddAdjacent(d.AsByte(), m));
            (e, f) = (Avx2.MultiplyAddAdjacent(e.AsByte(), m), Avx2.MultiplyAddAdjacent(f.AsByte(), m));
            (g, h) = (Avx2.MultiplyAddAdjacent(g.AsByte(), m), Avx2.MultiplyAddAdjacent(h.AsByte(), m));
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h);
    }
}
