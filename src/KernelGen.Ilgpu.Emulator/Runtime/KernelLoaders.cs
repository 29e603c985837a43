using ILGPU.Emulation;

namespace ILGPU.Runtime;

/// <summary>Kernels as delegates. Explicitly grouped ones take a configuration, implicit ones the number of threads; up to 12 parameters.</summary>
public static class KernelLoaders
{
    public static Action<AcceleratorStream, KernelConfig, T1> LoadKernel<T1>(this Accelerator accelerator, Action<T1> kernel)
        where T1 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1) => Launcher.Run(compiled, config, [p1]);
    }

    public static Action<KernelConfig, T1> LoadStreamKernel<T1>(this Accelerator accelerator, Action<T1> kernel)
        where T1 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1) => Launcher.Run(compiled, config, [p1]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2> LoadKernel<T1, T2>(this Accelerator accelerator, Action<T1, T2> kernel)
        where T1 : struct
        where T2 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2) => Launcher.Run(compiled, config, [p1, p2]);
    }

    public static Action<KernelConfig, T1, T2> LoadStreamKernel<T1, T2>(this Accelerator accelerator, Action<T1, T2> kernel)
        where T1 : struct
        where T2 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2) => Launcher.Run(compiled, config, [p1, p2]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3> LoadKernel<T1, T2, T3>(
        this Accelerator accelerator,
        Action<T1, T2, T3> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2, p3) => Launcher.Run(compiled, config, [p1, p2, p3]);
    }

    public static Action<KernelConfig, T1, T2, T3> LoadStreamKernel<T1, T2, T3>(this Accelerator accelerator, Action<T1, T2, T3> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2, p3) => Launcher.Run(compiled, config, [p1, p2, p3]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4> LoadKernel<T1, T2, T3, T4>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2, p3, p4) => Launcher.Run(compiled, config, [p1, p2, p3, p4]);
    }

    public static Action<KernelConfig, T1, T2, T3, T4> LoadStreamKernel<T1, T2, T3, T4>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2, p3, p4) => Launcher.Run(compiled, config, [p1, p2, p3, p4]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5> LoadKernel<T1, T2, T3, T4, T5>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4, T5> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2, p3, p4, p5) => Launcher.Run(compiled, config, [p1, p2, p3, p4, p5]);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5> LoadStreamKernel<T1, T2, T3, T4, T5>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4, T5> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2, p3, p4, p5) => Launcher.Run(compiled, config, [p1, p2, p3, p4, p5]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6> LoadKernel<T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4, T5, T6> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2, p3, p4, p5, p6) => Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6]);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6> LoadStreamKernel<T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4, T5, T6> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2, p3, p4, p5, p6) => Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7> LoadKernel<T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4, T5, T6, T7> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2, p3, p4, p5, p6, p7) => Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7]);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4, T5, T6, T7> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2, p3, p4, p5, p6, p7) => Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> LoadKernel<T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2, p3, p4, p5, p6, p7, p8) => Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7, p8]);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2, p3, p4, p5, p6, p7, p8) => Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7, p8]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9> LoadKernel<
        T1,
        T2,
        T3,
        T4,
        T5,
        T6,
        T7,
        T8,
        T9
    >(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2, p3, p4, p5, p6, p7, p8, p9) => Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7, p8, p9]);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4, T5, T6, T7, T8, T9> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2, p3, p4, p5, p6, p7, p8, p9) => Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7, p8, p9]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> LoadKernel<
        T1,
        T2,
        T3,
        T4,
        T5,
        T6,
        T7,
        T8,
        T9,
        T10
    >(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
        where T10 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10) =>
            Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10]);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
        this Accelerator accelerator,
        Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
        where T10 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10) =>
            Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> LoadKernel<
        T1,
        T2,
        T3,
        T4,
        T5,
        T6,
        T7,
        T8,
        T9,
        T10,
        T11
    >(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
        where T10 : struct
        where T11 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11) =>
            Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11]);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> LoadStreamKernel<
        T1,
        T2,
        T3,
        T4,
        T5,
        T6,
        T7,
        T8,
        T9,
        T10,
        T11
    >(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
        where T10 : struct
        where T11 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11) =>
            Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11]);
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> LoadKernel<
        T1,
        T2,
        T3,
        T4,
        T5,
        T6,
        T7,
        T8,
        T9,
        T10,
        T11,
        T12
    >(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
        where T10 : struct
        where T11 : struct
        where T12 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (stream, config, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12) =>
            Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12]);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> LoadStreamKernel<
        T1,
        T2,
        T3,
        T4,
        T5,
        T6,
        T7,
        T8,
        T9,
        T10,
        T11,
        T12
    >(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
        where T10 : struct
        where T11 : struct
        where T12 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (config, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12) =>
            Launcher.Run(compiled, config, [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12]);
    }

    public static Action<Index1D, T1> LoadAutoGroupedStreamKernel<T1>(this Accelerator accelerator, Action<Index1D, T1> kernel)
        where T1 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (extent, p1) => Launcher.RunImplicit(compiled, extent, [extent, p1]);
    }

    public static Action<Index1D, T1, T2> LoadAutoGroupedStreamKernel<T1, T2>(this Accelerator accelerator, Action<Index1D, T1, T2> kernel)
        where T1 : struct
        where T2 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (extent, p1, p2) => Launcher.RunImplicit(compiled, extent, [extent, p1, p2]);
    }

    public static Action<Index1D, T1, T2, T3> LoadAutoGroupedStreamKernel<T1, T2, T3>(
        this Accelerator accelerator,
        Action<Index1D, T1, T2, T3> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (extent, p1, p2, p3) => Launcher.RunImplicit(compiled, extent, [extent, p1, p2, p3]);
    }

    public static Action<Index1D, T1, T2, T3, T4> LoadAutoGroupedStreamKernel<T1, T2, T3, T4>(
        this Accelerator accelerator,
        Action<Index1D, T1, T2, T3, T4> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (extent, p1, p2, p3, p4) => Launcher.RunImplicit(compiled, extent, [extent, p1, p2, p3, p4]);
    }

    public static Action<Index1D, T1, T2, T3, T4, T5> LoadAutoGroupedStreamKernel<T1, T2, T3, T4, T5>(
        this Accelerator accelerator,
        Action<Index1D, T1, T2, T3, T4, T5> kernel
    )
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
    {
        CompiledKernel compiled = accelerator.Load(kernel);
        return (extent, p1, p2, p3, p4, p5) => Launcher.RunImplicit(compiled, extent, [extent, p1, p2, p3, p4, p5]);
    }
}
