using ILGPU;
#if USE_ILGPU
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

    /// <summary>All devices; the CPU one simulates warps of 32.</summary>
    public static Context Create() => Context.Create(builder => builder.CPU(CPUDevice.Nvidia).Cuda().OpenCL().Optimize(OptimizationLevel.O2));
#else
    /// <summary>Whether kernels run in the emulator.</summary>
    public const bool IsEmulated = true;

    /// <summary>The emulator.</summary>
    public static Context Create() => Context.Create(builder => builder.CPU().Optimize(OptimizationLevel.O2));
#endif
}
