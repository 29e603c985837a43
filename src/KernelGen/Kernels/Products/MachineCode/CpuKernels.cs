namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>What multiplies bytes on this machine's CPU, and why nothing better does.</summary>
public static class CpuKernels
{
    /// <summary>The best engine that is used: <c>managed</c>, <c>avx512</c>, <c>vnni</c> or <c>amx</c>.</summary>
    public static string Engine => Name(MachineKernels.Current.Best);

    /// <summary>Why there is no better engine, in one line; null if there is none better.</summary>
    public static string? Missing => MachineKernels.Current.Missing;

    /// <summary>
    /// Why the engine that <c>KERNELGEN_CPU</c> asks for cannot be used; null if it can. Products of bytes are refused then.
    /// </summary>
    public static string? Refusal => MachineKernels.Current.Refusal;

    /// <summary>Names of the kernels in machine code, each for its numbers of vectors, and their bytes.</summary>
    public static IReadOnlyList<(string Name, int Bytes)> All { get; } =
    [
        .. KernelShape
            .All.Select((shape, index) => (shape.Family, KernelCode.Of(index).Length))
            .GroupBy(kernel => kernel.Family)
            .Select(family => (family.Key, family.Sum(kernel => kernel.Length))),
    ];

    /// <summary>Where the listings are, from the root of the repository.</summary>
    public const string Listings = "src/KernelGen/Kernels/Products/MachineCode/Generated";

    internal static string Name(CpuEngine engine) => engine.ToString().ToLowerInvariant();
}
