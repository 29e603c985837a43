[assembly: KernelGen.Gpu.GpuFormatsOf(typeof(KernelGen.Formats.Corners.DeclaredFormats))]

namespace KernelGen.Gpu.Tests;

/// <summary>The formats that the suite runs over, and packed matrices of them.</summary>
internal static class Subjects
{
    public static FormatCatalog Formats { get; } =
        KernelGen.Formats.DeclaredFormats.Catalog.With(KernelGen.Formats.Corners.DeclaredFormats.Catalog);

    public static GpuCatalog Kernels { get; } = KernelGen.Formats.Gpu.DeclaredGpuKernels.Catalog.With(DeclaredGpuKernels.Catalog);

    /// <summary>The device that tests run on: the emulator, or ILGPU's CPU accelerator; KERNELGEN_GPU names another.</summary>
    public static string DeviceId { get; } =
        Environment.GetEnvironmentVariable("KERNELGEN_GPU") ?? GpuDevices.List().First(device => device.Unusable is null).Id;

    /// <summary>That device, open for all tests: its kernels are compiled once.</summary>
    public static GpuDevice Device { get; } = GpuDevices.Open(DeviceId, Kernels);

    /// <summary>
    /// Whether a thread of a group is one of the operating system, as on ILGPU's CPU accelerator: 128 of them take about a millisecond to meet. Shapes
    /// are chosen there with few groups where there are barriers.
    /// </summary>
    public static bool MeetsSlowly { get; } = DeviceId.StartsWith("cpu", StringComparison.Ordinal);

    public static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return values;
    }

    /// <summary>A packed matrix of Gaussian weights; formats that are slow to pack repeat three rows.</summary>
    public static byte[] Pack(CompressedFormat format, int rows, int columns)
    {
        int distinct = format.Info.CandidatesPerWeight > 100 ? Math.Min(rows, 3) : rows;
        var few = new byte[format.Info.PackedBytes(distinct, columns)];
        format.Pack(Normal(distinct * columns, columns), distinct, columns, few);
        var packed = new byte[format.Info.PackedBytes(rows, columns)];
        int header = format.Info.TensorHeaderBytes,
            row = format.Info.RowBytes(columns);
        few.AsSpan(0, header).CopyTo(packed);
        for (int r = 0; r < rows; r++)
        {
            few.AsSpan(header + r % distinct * row, row).CopyTo(packed.AsSpan(header + r * row));
        }
        return packed;
    }
}
