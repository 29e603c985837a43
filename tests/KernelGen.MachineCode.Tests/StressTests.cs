using System.Diagnostics;
using System.Globalization;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.MachineCode.Tests;

/// <summary>Machine code while the runtime stops threads, walks their stacks and moves what they point to.</summary>
public class StressTests
{
    /// <summary>How long; a minute by hand.</summary>
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("KERNELGEN_STRESS_SECONDS") ?? "3", CultureInfo.InvariantCulture)
    );

    /// <summary>Products of each format, and full collections, at the least.</summary>
    private const int Calls = 3;

    [Fact]
    public async Task Collections_during_calls_change_no_bit()
    {
        const int columns = 512,
            batch = 33;
        MachineKernels kernels = MachineKernels.Start(null);
        string[] formats = ["q4_0", "q8_0", "q6_k", "mxfp4", "iq4_nl", "q4_k", "q5_0", "q2_k"];
        (ProductMatrix Matrix, float[] X, float[] Expected)[] subjects =
        [
            .. formats.Select(
                (format, i) =>
                {
                    ProductMatrix matrix = Engines.Repack(format, 48, columns, i)!;
                    float[] x = Engines.Numbers(batch * columns, i);
                    return (matrix, x, Engines.Multiply(Engines.Managed, matrix, x, batch, MatVecPrecision.Int8));
                }
            ),
        ];
        int[] calls = new int[subjects.Length];
        int collections = GC.CollectionCount(2);
        using var stop = new CancellationTokenSource();
        MachineKernels before = MachineKernels.Current;
        MachineKernels.Current = kernels;
        try
        {
            Task collector = Task.Run(() => Collect(stop.Token));
            Task[] products =
            [
                .. subjects.Select(
                    (subject, i) =>
                        Task.Factory.StartNew(
                            () =>
                            {
                                while (!stop.IsCancellationRequested)
                                {
                                    // in memory that moves
                                    float[] y = new float[subject.Expected.Length],
                                        x = [.. subject.X];
                                    subject.Matrix.MatMul(x, batch, y, MatVecPrecision.Int8, Parallelism.Single);
                                    Assert.Equal(subject.Expected, y);
                                    Interlocked.Increment(ref calls[i]);
                                }
                            },
                            TaskCreationOptions.LongRunning
                        )
                ),
            ];
            // A machine may give the collector most of the time: the run ends when each format has been multiplied, too.
            await Task.Delay(s_time);
            while (calls.Any(count => count < Calls) && !products.Any(product => product.IsCompleted))
            {
                await Task.Delay(50);
            }
            await stop.CancelAsync();
            await Task.WhenAll([collector, .. products]);
        }
        finally
        {
            await stop.CancelAsync();
            MachineKernels.Current = before;
        }
        Assert.True(GC.CollectionCount(2) > collections + Calls, $"{GC.CollectionCount(2) - collections} full collections");
    }

    /// <summary>Collects, and leaves the products at least as much time as a collection takes.</summary>
    private static void Collect(CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            long start = Stopwatch.GetTimestamp();
            GC.Collect(i % 3, GCCollectionMode.Forced, blocking: true, compacting: i % 3 == 2);
            Thread.Sleep(Stopwatch.GetElapsedTime(start) + TimeSpan.FromMilliseconds(1));
        }
    }
}
