// GPU kernels of all formats of KernelGen.Formats, from the same declarations. Only who wants them depends on ILGPU.
[assembly: KernelGen.Gpu.GpuFormatsOf(typeof(KernelGen.Formats.DeclaredFormats))]
