using ILGPU;
using ILGPU.Runtime;
#if USE_ILGPU
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
#endif

namespace KernelGen.Gpu;

/// <summary>The one place that knows whether ILGPU or its emulator is there.</summary>
internal static class IlgpuContext
{
#if USE_ILGPU
    /// <summary>Whether kernels run in the emulator.</summary>
    public const bool IsEmulated = false;

    /// <summary>
    /// All devices. The CPU one simulates warps of 32, and no larger groups than kernels use: it has a thread of the operating
    /// system for every thread of a group, and those that are too many wait at every barrier.
    /// </summary>
    public static Context Create(bool inlinePtx = true) =>
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

    /// <summary>Whether <c>mma.sync.m16n8k16</c> and conversions of pairs exist: compute capability 8.0.</summary>
    public static bool HasTensorUnits(Accelerator accelerator) =>
        accelerator is CudaAccelerator { Architecture: var architecture } && architecture >= CudaArchitecture.SM_80;
#else
    /// <summary>Whether kernels run in the emulator.</summary>
    public const bool IsEmulated = true;

    /// <summary>The emulator, with the inline PTX that it knows or without.</summary>
    public static Context Create(bool inlinePtx = true) =>
        Context.Create(builder => (inlinePtx ? builder.CPU() : builder.CPU().WithoutInlinePtx()).Optimize(OptimizationLevel.O2));

    /// <summary>The emulator is not refused.</summary>
    public static string? Refusal(Device device) => null;

    /// <summary>Whether tensor units are emulated.</summary>
    public static bool HasTensorUnits(Accelerator accelerator) => accelerator.HasInlinePtx;
#endif
}
