using System.Collections.Concurrent;
using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace KernelGen.Gpu.Tests;

/// <summary>ILGPU's PTX backend for compute capability 9.0, without a device. A kernel is compiled once for all tests.</summary>
internal static class PtxCompiler
{
    private static readonly Context s_context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
    private static readonly PTXBackend s_backend = new(
        s_context,
        new CudaCapabilityContext(CudaArchitecture.SM_90),
        CudaArchitecture.SM_90,
        CudaInstructionSet.ISA_80,
        null
    );
    private static readonly ConcurrentDictionary<MethodInfo, string> s_texts = [];

    public static string Compile(Delegate kernel) =>
        s_texts.GetOrAdd(kernel.Method, method =>
            (
                (PTXCompiledKernel)s_backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method), KernelSpecialization.Empty)
            ).PTXAssembly
        );
}
