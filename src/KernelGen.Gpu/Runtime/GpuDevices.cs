using ILGPU;
using ILGPU.Runtime;

namespace KernelGen.Gpu;

/// <summary>A device as a list shows it.</summary>
/// <param name="Id">What it is opened by: <c>cuda:0</c>, <c>opencl:0</c> or <c>cpu:0</c>; a kind alone where there is no such device.</param>
/// <param name="Name">Its name.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="Multiprocessors">Its multiprocessors.</param>
/// <param name="WarpSize">Threads of a warp.</param>
/// <param name="Unusable">Why it cannot be used, or null.</param>
public sealed record GpuDeviceInfo(string Id, string Name, long MemoryBytes, int Multiprocessors, int WarpSize, string? Unusable);

/// <summary>The devices of this machine.</summary>
public static class GpuDevices
{
    /// <summary>All devices, and the kinds of which there is none, with the reason.</summary>
    public static IReadOnlyList<GpuDeviceInfo> List()
    {
        using Context context = IlgpuContext.Create();
        var devices = Numbered(context)
            .Select(entry => new GpuDeviceInfo(
                entry.Id,
                entry.Device.Name,
                IlgpuContext.MemoryOf(entry.Device),
                entry.Device.NumMultiprocessors,
                entry.Device.WarpSize,
                Unusable(entry.Device)
            ))
            .ToList();
        foreach (AcceleratorType kind in new[] { AcceleratorType.Cuda, AcceleratorType.OpenCL })
        {
            string id = IdOf(kind);
            if (!devices.Any(device => device.Id.StartsWith(id, StringComparison.Ordinal)))
            {
                string reason =
                    kind == AcceleratorType.Cuda
                        ? "no NVIDIA driver, or no device that it accepts"
                        : "no OpenCL library (libOpenCL.so), or no device of one";
                devices.Add(new GpuDeviceInfo(id, "", 0, 0, 0, reason));
            }
        }
        return devices;
    }

    /// <summary>Opens a device.</summary>
    /// <param name="id">Its id, or a kind for the first device of it.</param>
    /// <param name="catalog">The kernels that will be run.</param>
    /// <param name="memoryLimit">Bytes that may be used of its memory; 0 for all.</param>
    /// <exception cref="GpuException">There is no such device, or it cannot be used.</exception>
    public static GpuDevice Open(string id, GpuCatalog catalog, long memoryLimit = 0)
    {
        Context context = IlgpuContext.Create();
        try
        {
            (string Id, Device Device)[] devices = [.. Numbered(context)];
            (string Id, Device Device) found = devices.FirstOrDefault(entry =>
                string.Equals(entry.Id, id, StringComparison.OrdinalIgnoreCase)
                || entry.Id.StartsWith(id + ":", StringComparison.OrdinalIgnoreCase)
            );
            if (found.Device is null)
            {
                GpuDeviceInfo? absent = List()
                    .FirstOrDefault(device => device.Unusable is not null && id.StartsWith(device.Id, StringComparison.OrdinalIgnoreCase));
                string[] usable = [.. devices.Where(entry => Unusable(entry.Device) is null).Select(entry => entry.Id)];
                string there = $"There {(usable.Length == 1 ? "is" : "are")}: {string.Join(", ", usable)}.";
                throw new GpuException($"There is no device '{id}'{(absent is null ? "" : $": {absent.Unusable}")}. {there}");
            }
            if (Unusable(found.Device) is { } reason)
            {
                throw new GpuException($"The device {found.Id} ({found.Device.Name}) cannot be used: {reason}.");
            }
            return new GpuDevice(context, found.Device.CreateAccelerator(context), found.Id, catalog, memoryLimit);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private static IEnumerable<(string Id, Device Device)> Numbered(Context context) =>
        context
            .Devices.GroupBy(device => device.AcceleratorType)
            .SelectMany(kind => kind.Select((device, i) => ($"{IdOf(kind.Key)}:{i}", device)));

    private static string IdOf(AcceleratorType kind) =>
        kind switch
        {
            AcceleratorType.Cuda => "cuda",
            AcceleratorType.OpenCL => "opencl",
            AcceleratorType.CPU => "cpu",
            _ => "other",
        };

    private static string? Unusable(Device device) =>
        IlgpuContext.Refusal(device) is { } refusal ? refusal
        : device.MaxNumThreadsPerGroup < GpuKernels.GroupSize
            ? $"its groups have at most {device.MaxNumThreadsPerGroup} threads, kernels use {GpuKernels.GroupSize}"
        : device.MaxSharedMemoryPerGroup < GpuKernels.SharedBytes
            ? $"its groups have {device.MaxSharedMemoryPerGroup} bytes of shared memory, kernels use up to {GpuKernels.SharedBytes}"
        : null;
}
