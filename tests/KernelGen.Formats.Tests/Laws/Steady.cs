using System.Reflection;

namespace KernelGen.Formats.Tests.Laws;

/// <summary>Allocation of generated kernels in steady state.</summary>
internal static class Steady
{
    public static void RequireNoAllocation(CompressedFormat format) =>
        typeof(Steady)
            .GetMethod(nameof(RequireOf), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(format.Declaration)
            .Invoke(null, [format]);

    private static void RequireOf<TFormat>(CompressedFormat format)
        where TFormat : struct, ICompressedFormat<TFormat>
    {
        const int rows = 3,
            columns = 71;
        float[] weights = Formats.Make("normal", rows * columns),
            x = Formats.Make("normal", 4 * columns),
            y = new float[4 * rows];
        byte[] packed = new byte[TFormat.Info.PackedBytes(rows, columns)];
        var matrix = new CompressedMatrix<TFormat>(packed, rows, columns);
        void Run()
        {
            TFormat.Pack(weights, rows, columns, packed);
            TFormat.Unpack(packed, rows, columns, weights);
            matrix.MatVec(x, y, Parallelism.Single);
            matrix.MatMul(x, 4, y, Parallelism.Single);
        }
        // Unoptimised code of the first tier boxes inside the framework's vector methods: wait until the tiers have settled.
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 100 && allocated > 0; attempt++)
        {
            for (int i = 0; i < (Formats.IsSlow(format) ? 4 : 40); i++)
            {
                Run();
            }
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Thread.Sleep(allocated > 0 ? 20 : 0);
        }
        Assert.Equal(0, allocated);
    }
}
