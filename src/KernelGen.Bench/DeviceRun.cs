using KernelGen.Gpu;
using KernelGen.Reports;

namespace KernelGen.Bench;

/// <summary>Measures formats on a device, against its bandwidth and the plain 16-bit format on the same device.</summary>
/// <param name="host">Where progress and notes go, and what may cancel.</param>
/// <param name="device">The device.</param>
/// <param name="plain">The plain 16-bit format.</param>
/// <param name="peak">Operations per second, or null where it is not known.</param>
/// <param name="repetitions">Repetitions of every case.</param>
/// <param name="workingSet">Bytes that copies of a matrix fill; 0 keeps one copy.</param>
/// <param name="integers">Whether formats with integer kernels are measured with those; others stay in floating point.</param>
internal sealed class DeviceRun(
    MeasuringHost host,
    GpuDevice device,
    CompressedFormat plain,
    double? peak,
    int repetitions,
    long workingSet,
    bool integers
)
{
    /// <summary>Columns of what is measured; format and shape are the caller's.</summary>
    public static IEnumerable<Column> Columns =>
        [
            new("precision", "precision"),
            new("microseconds", "µs", "0.0"),
            new("spread", "±", "0.0"),
            new("gb_per_s", "GB/s", "0.00"),
            new("memory_gb_per_s", "memory GB/s", "0.0"),
            new("memory_percent", "% of memory", "0"),
            new("tflop_per_s", "TFLOP/s", "0.0000"),
            new("speed_up", "× f16", "0.00"),
            new("ideal_speed_up", "ideal ×", "0.00"),
        ];

    /// <summary>The values of one format, in the order of the formats; those without GPU kernels have none.</summary>
    public IReadOnlyDictionary<string, object?[]> Measure(
        IReadOnlyList<CompressedFormat> formats,
        int rows,
        int columns,
        int batch,
        Func<CompressedFormat, byte[]> pack,
        Action<string> step
    )
    {
        float[] x = UniformValues.Of(batch * columns, 1);
        double bandwidth = GpuBandwidth.Measure(device, Math.Max(workingSet, 1 << 20));
        double plainSeconds;
        using (DeviceCase one = One(plain, GpuPrecision.Automatic, x, step, rows, columns, batch, pack))
        {
            plainSeconds = one.Seconds.Median;
        }
        var found = new Dictionary<string, object?[]>();
        foreach (CompressedFormat format in formats)
        {
            host.Cancellation.ThrowIfCancellationRequested();
            if (!device.Catalog.TryGet(format.Info.Name, out GpuKernels? kernels))
            {
                continue;
            }
            GpuPrecision precision = integers && kernels.HasIntegers ? GpuPrecision.Int8 : GpuPrecision.Automatic;
            using DeviceCase one = One(format, precision, x, step, rows, columns, batch, pack);
            Sample seconds = one.Seconds;
            double perSecond = one.PackedBytes / seconds.Median;
            found[format.Info.Name] =
            [
                one.Precision,
                seconds.Median * 1e6,
                seconds.Spread * 1e6,
                perSecond / 1e9,
                bandwidth / 1e9,
                100 * perSecond / bandwidth,
                one.Operations / seconds.Median / 1e12,
                plainSeconds / seconds.Median,
                Roofline.SpeedUp(format.Info.BitsPerWeight, batch, bandwidth, peak ?? double.PositiveInfinity),
            ];
        }
        return found;
    }

    /// <summary>One format, measured; the caller frees its memory.</summary>
    private DeviceCase One(
        CompressedFormat format,
        GpuPrecision precision,
        float[] x,
        Action<string> step,
        int rows,
        int columns,
        int batch,
        Func<CompressedFormat, byte[]> pack
    )
    {
        var one = new DeviceCase(device, format, pack(format), rows, columns, x, batch, precision, workingSet);
        try
        {
            one.WarmUp();
            for (int repetition = 0; repetition < repetitions; repetition++)
            {
                host.Cancellation.ThrowIfCancellationRequested();
                one.Repeat();
            }
        }
        catch
        {
            one.Dispose();
            throw;
        }
        step(format.Info.Name);
        return one;
    }
}
