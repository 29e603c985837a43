using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace KernelGen.Gpu;

/// <summary>How ILGPU is set up, and what it says of its devices.</summary>
internal static class IlgpuContext
{
    /// <summary>
    /// All devices. The CPU one simulates warps of 32, and no larger groups than kernels use: it has a thread of the operating
    /// system for every thread of a group, and those that are too many wait at every barrier.
    /// </summary>
    public static Context Create() =>
        Context.Create(builder =>
            builder
                .CPU(new CPUDevice(numThreadsPerWarp: 32, numWarpsPerMultiprocessor: GpuKernels.GroupSize / 32, numMultiprocessors: 1))
                .Cuda()
                .OpenCL(_ => true)
                .Optimize(OptimizationLevel.O2)
        );

    /// <summary>Why ILGPU refuses a device, or null; without being asked for those it leaves them out.</summary>
    public static string? Refusal(Device device) =>
        device is not CLDevice cl ? null
        : !cl.Capabilities.GenericAddressSpace
            ? $"OpenCL {cl.DeviceVersion} of {cl.PlatformName} has no generic address space, which ILGPU needs"
        : cl.CLStdVersion < CLBackend.MinimumVersion ? $"it compiles OpenCL C {cl.CLStdVersion}, ILGPU needs {CLBackend.MinimumVersion}"
        : null;

    /// <summary>Bytes of memory; the CPU accelerator would say that it has the whole address space.</summary>
    public static long MemoryOf(Device device) =>
        device is CPUDevice ? Math.Min(device.MemorySize, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) : device.MemorySize;

    /// <summary>Whether <c>mma.sync.m16n8k16</c> and conversions of pairs exist: compute capability 8.0.</summary>
    public static bool HasTensorUnits(Accelerator accelerator) =>
        accelerator is CudaAccelerator { Architecture: var architecture } && architecture >= CudaArchitecture.SM_80;
}
