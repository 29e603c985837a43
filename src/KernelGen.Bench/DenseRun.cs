using System.Diagnostics;
using KernelGen.Kernels.Products;
using KernelGen.Reports;

namespace KernelGen.Bench;

/// <summary>
/// Products of dense float32 matrices, size × size by another, transposed, against the multiply–add peak and a BLAS library.
/// </summary>
internal static class DenseRun
{
    /// <summary>How long a repetition takes at least.</summary>
    private const double Stretch = 0.05;

    /// <summary>Threads of a library spin for a while after a call; ours would wait for their cores.</summary>
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(100);

    public static DataTable Table() =>
        new(
            new("size", "size"),
            new("threads", "threads"),
            new("microseconds", "µs", "0.0"),
            new("spread", "±", "0.0"),
            new("gflop_per_s", "GFLOP/s", "0.0"),
            new("peak_percent", "% of peak", "0"),
            new("blas_gflop_per_s", "BLAS GFLOP/s", "0.0"),
            new("blas_ratio", "× BLAS", "0.00"),
            new("blas_difference", "Δ BLAS", "0.0E0"),
            new("repetitions", "n")
        );

    /// <summary>Measures one size in turn with the library.</summary>
    /// <param name="table">Receives a row.</param>
    /// <param name="size">Rows and columns.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="repetitions">Repetitions.</param>
    /// <param name="peer">The library, or null.</param>
    /// <param name="cancellation">Looked at between repetitions.</param>
    public static void Measure(DataTable table, int size, int threads, int repetitions, BlasLibrary? peer, CancellationToken cancellation)
    {
        float[] a = UniformValues.Of(size * size, 1),
            b = UniformValues.Of(size * size, 2),
            ours = new float[size * size],
            theirs = new float[size * size];
        void Our() => DenseMatMul.Multiply(a, false, b, true, ours, size, size, size, threads: threads);
        void Their() => peer!.Multiply(a, b, theirs, size, threads);
        double peak = MultiplyAddPeak.OperationsPerSecond() * threads;
        List<double> our = [],
            their = [];
        Seconds(Our);
        if (peer is not null)
        {
            Seconds(Their);
        }
        for (int i = 0; i < repetitions; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            our.Add(Seconds(Our));
            if (peer is not null)
            {
                their.Add(Seconds(Their));
            }
        }
        Sample mine = Sample.Of(our);
        double operations = 2.0 * size * size * size;
        double? other = peer is null ? null : Sample.Of(their).Median;
        table.Add(
            size,
            threads,
            mine.Median * 1e6,
            mine.Spread * 1e6,
            operations / mine.Median / 1e9,
            100 * operations / mine.Median / peak,
            operations / other / 1e9,
            other / mine.Median,
            peer is null ? null : Difference(ours, theirs),
            repetitions
        );
    }

    private static double Seconds(Action product)
    {
        Thread.Sleep(s_settle);
        int calls = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            product();
            calls++;
        } while (Stopwatch.GetElapsedTime(start).TotalSeconds < Stretch);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }

    /// <summary>Largest difference over the largest result.</summary>
    private static double Difference(float[] ours, float[] theirs) =>
        ours.Zip(theirs, (a, b) => Math.Abs((double)a - b)).Max() / ours.Max(Math.Abs);
}
