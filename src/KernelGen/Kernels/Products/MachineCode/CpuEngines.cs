using System.Runtime.Intrinsics;

namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>What multiplies bytes on the CPU; each needs more of the machine than the one before.</summary>
internal enum CpuEngine
{
    /// <summary>.NET's own code, of any width.</summary>
    Managed,

    /// <summary>.NET's own code of 512 bits.</summary>
    Avx512,

    /// <summary>Machine code with <c>vpdpbusd</c> of 512 bits.</summary>
    Vnni,

    /// <summary>Machine code with AMX tiles, and VNNI for few vectors.</summary>
    Amx,

    /// <summary>Whichever is fastest.</summary>
    Best,
}

/// <summary>Names of the engines.</summary>
internal static class CpuEngines
{
    /// <summary>The environment variable that forces an engine, or fails where there is none.</summary>
    public const string Variable = "KERNELGEN_CPU";

    /// <summary>The values that it takes.</summary>
    public const string Names = "managed, avx512, vnni, amx";

    /// <summary>.NET's own code here.</summary>
    public static CpuEngine Managed => Vector512.IsHardwareAccelerated ? CpuEngine.Avx512 : CpuEngine.Managed;

    /// <summary>Reads a value of the variable; nothing means the best engine.</summary>
    public static bool TryParse(string? text, out CpuEngine engine)
    {
        engine = CpuEngine.Best;
        return string.IsNullOrEmpty(text)
            || Enum.TryParse(text, ignoreCase: true, out engine) && engine != CpuEngine.Best && !char.IsAsciiDigit(text[0]);
    }
}
