using KernelGen.Gpu;
using KernelGen.Reports;

namespace KernelGen.Bench;

/// <summary>Measures formats on a device, against its bandwidth and the plain 16-bit format on the same device.</summary>
internal sealed class DeviceRun(
    MeasuringHost host,
    GpuDevice device,
    CompressedFormat plain,
    double? peak,
    int repetitions,
    long workingSet
)
{
    /// <summary>Columns of what is measured; format and shape are the caller's.</summary>
    public static IEnumerable<Column> Columns =>
        [
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
        double plainSeconds = One(plain, x, step, rows, columns, batch, pack).Seconds.Median;
        var found = new Dictionary<string, object?[]>();
        foreach (CompressedFormat format in formats)
        {
            host.Cancellation.ThrowIfCancellationRequested();
            if (!device.Catalog.TryGet(format.Info.Name, out _))
            {
                continue;
            }
            (Sample seconds, long bytes, double operations) = One(format, x, step, rows, columns, batch, pack);
            double perSecond = bytes / seconds.Median;
            found[format.Info.Name] =
            [
                seconds.Median * 1e6,
                seconds.Spread * 1e6,
                perSecond / 1e9,
                bandwidth / 1e9,
                100 * perSecond / bandwidth,
                operations / seconds.Median / 1e12,
                plainSeconds / seconds.Median,
                Roofline.SpeedUp(format.Info.BitsPerWeight, batch, bandwidth, peak ?? double.PositiveInfinity),
            ];
        }
        return found;
    }

    private (Sample Seconds, long Bytes, double Operations) One(
        CompressedFormat format,
        float[] x,
        Action<string> step,
        int rows,
        int columns,
        int batch,
        Func<CompressedFormat, byte[]> pack
    )
    {
        using var one = new DeviceCase(device, format, pack(format), rows, columns, x, batch, workingSet);
        one.WarmUp();
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            host.Cancellation.ThrowIfCancellationRequested();
            one.Repeat();
        }
        step(format.Info.Name);
        return (one.Seconds, one.PackedBytes, one.Operations);
    }
}
