using System.Reflection;

[assembly: KernelGen.Gpu.GpuFormatsOf(typeof(KernelGen.Formats.Corners.DeclaredFormats))]

namespace KernelGen.Gpu.Tests;

/// <summary>The formats that the suite runs over, and packed matrices of them.</summary>
internal static class Subjects
{
    public static FormatCatalog Formats { get; } =
        KernelGen.Formats.DeclaredFormats.Catalog.With(KernelGen.Formats.Corners.DeclaredFormats.Catalog);

    public static GpuCatalog Kernels { get; } = KernelGen.Formats.Gpu.DeclaredGpuKernels.Catalog.With(DeclaredGpuKernels.Catalog);

    /// <summary>The kind of device that the project names: cpu, cuda or opencl.</summary>
    public static string DeviceKind { get; } =
        typeof(Subjects).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "GpuDeviceKind").Value!;

    /// <summary>The device that tests run on: the first of the kind, or the one of the kind that KERNELGEN_GPU names.</summary>
    public static string DeviceId { get; } =
        Environment.GetEnvironmentVariable("KERNELGEN_GPU") is { } id && id.StartsWith(DeviceKind, StringComparison.Ordinal)
            ? id
            : DeviceKind + ":0";

    /// <summary>Why there is no such device, or null if there is.</summary>
    public static string? WhyNone { get; } =
        GpuDevices.List().FirstOrDefault(device => device.Id == DeviceId || device.Id == DeviceKind) is { } found
            ? found.Unusable
            : $"{DeviceId} is not among 'kernelgen devices'";

    /// <summary>That device, open for all tests: its kernels are compiled once.</summary>
    public static GpuDevice Device => s_device.Value;

    private static readonly Lazy<GpuDevice> s_device = new(() => GpuDevices.Open(DeviceId, Kernels));

    /// <summary>
    /// Formats that the suite runs: with KERNELGEN_GPU_TESTS=all every one, else so many that every kind of decoder, every width of
    /// codes and every type of scale occurs.
    /// </summary>
    public static IReadOnlyList<string> Chosen { get; } =
    [
        .. Environment.GetEnvironmentVariable("KERNELGEN_GPU_TESTS") == "all"
            ? Formats.All.Select(format => format.Info.Name)
            : new Func<GpuLayout, object?>[] { Kind, Widths, layout => layout.Scale?.Type, layout => layout.SubScales?.Type }
                .SelectMany(part => Formats.All.Select(format => format.Info.Name).DistinctBy(name => part(Kernels[name].Layout)))
                .Distinct(),
    ];

    /// <summary>The same for theories.</summary>
    public static TheoryData<string> Names => [.. Chosen];

    /// <summary>What decides the text of a decoder, and how bytes come to the device, sizes and types left out.</summary>
    private static object Kind(GpuLayout layout) =>
        (
            (layout.Codes?.GetType(), layout.Table is null, layout.Patterns is null),
            (layout.Group % 4 == 0, layout.Scale is null, layout.Offset is null, layout.SubScales?.HasOffsets),
            (layout.MasksRows, layout.Mask is null, layout.CodesPerUnit > 0),
            (layout.Outliers is null, layout.Rotation > 0)
        );

    private static object Widths(GpuLayout layout) =>
        (layout.CodesPerUnit, string.Join(' ', layout.Fields.Select(field => field.Bits)), layout.RingBits > 0);

    /// <summary>
    /// Whether a thread of a group is one of the operating system, as on ILGPU's CPU accelerator: 128 of them take about a millisecond to
    /// meet. Shapes are chosen there with few groups where there are barriers.
    /// </summary>
    public static bool MeetsSlowly { get; } = DeviceKind == "cpu";

    /// <summary>All kernels of a set, in the order of <see cref="KernelNames"/>.</summary>
    public static Delegate[] All(GpuKernelSet set) =>
        [set.Unpack, .. set.MatVecShuffle, .. set.MatVecShared, set.MatMul, set.Tensor, .. set.MatVecInt8];

    public static IReadOnlyList<string> KernelNames { get; } =
    [
        "unpack",
        .. Enumerable.Range(1, 4).Select(batch => $"matvec {batch}"),
        .. Enumerable.Range(1, 4).Select(batch => $"shared {batch}"),
        "matmul",
        "tensor",
        .. Enumerable.Range(1, 4).Select(batch => $"int8 {batch}"),
    ];

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
