using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;

namespace KernelGen.Gpu;

/// <summary>The memory bandwidth of a device, as a kernel that only reads gets it.</summary>
public static class GpuBandwidth
{
    private const int Repetitions = 5;

    /// <summary>Bytes per second: the best of some runs over a buffer.</summary>
    /// <param name="device">The device.</param>
    /// <param name="bytes">Bytes to read; more than the device's caches hold.</param>
    /// <exception cref="GpuException">The buffer does not fit.</exception>
    public static double Measure(GpuDevice device, long bytes)
    {
        int groups = 32 * device.Accelerator.NumMultiprocessors;
        using var source = new GpuBuffer<U4>(device, "The bandwidth measurement", Math.Max(1, bytes / 16));
        using var sink = new GpuBuffer<uint>(device, "The bandwidth measurement", (long)groups * GpuKernels.GroupSize);
        Action<AcceleratorStream, KernelConfig, ArrayView<U4>, ArrayView<uint>> read = device.Accelerator.LoadKernel<
            ArrayView<U4>,
            ArrayView<uint>
        >(Read);
        double best = double.PositiveInfinity;
        for (int i = 0; i <= Repetitions; i++)
        {
            long start = Stopwatch.GetTimestamp();
            read(device.Accelerator.DefaultStream, (groups, GpuKernels.GroupSize), source.View, sink.View);
            device.Synchronize();
            best = i == 0 ? best : Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds); // the first run compiles
        }
        return source.Length * 16 / best;
    }

    /// <summary>Reads everything; the result depends on all of it, so that nothing is left out.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="sink">A word per thread.</param>
    public static void Read(ArrayView<U4> source, ArrayView<uint> sink)
    {
        int thread = Grid.IdxX * Group.DimX + Group.IdxX;
        uint seen = 0;
        for (long i = thread; i < source.Length; i += Grid.DimX * Group.DimX)
        {
            U4 value = source[i];
            seen ^= value.X ^ value.Y ^ value.Z ^ value.W;
        }
        sink[thread] = seen;
    }
}
