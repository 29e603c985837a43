using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>What of this processor .NET does not ask about, and whose it is.</summary>
internal static class CpuFeatures
{
    /// <summary>Asks Linux for the state of tiles, once for the process.</summary>
    private const int ArchPrctl = 158,
        RequestPermission = 0x1023,
        TileData = 18;

    /// <summary>Why machine code cannot run here at all, or null.</summary>
    public static string? NoMachineCode =>
        !OperatingSystem.IsLinux() ? "machine code is for Linux"
        : RuntimeInformation.ProcessArchitecture != Architecture.X64 ? "machine code is for x64"
        : !Avx512BW.IsSupported ? "the processor or the system lacks AVX-512"
        : !HasVnni ? "the processor lacks AVX-512 VNNI"
        : null;

    /// <summary>Whether there is <c>vpdpbusd</c> of 512 bits.</summary>
    public static bool HasVnni => Avx512BW.IsSupported && Bit(Leaf(7).Ecx, 11);

    /// <summary>Whether a zmm operation takes two halves: Zen 4.</summary>
    public static bool HasHalfWidth => IsAmd && Family == 25;

    /// <summary>Whether the processor is AMD's.</summary>
    public static bool IsAmd => X86Base.IsSupported && X86Base.CpuId(0, 0).Ebx == 0x68747541; // "Auth"

    /// <summary>Asks for tiles of bytes.</summary>
    /// <returns>Null if they can be used, or why not.</returns>
    public static string? RequestTiles() =>
        !Bit(Leaf(7).Edx, 24) || !Bit(Leaf(7).Edx, 25) ? "the processor lacks AMX for bytes"
        : SystemCall(ArchPrctl, RequestPermission, TileData) != 0 ? $"the system refuses AMX: {Marshal.GetLastPInvokeErrorMessage()}"
        : null;

    private static int Family
    {
        get
        {
            int signature = X86Base.CpuId(1, 0).Eax,
                family = signature >> 8 & 15;
            return family == 15 ? family + (signature >> 20 & 255) : family;
        }
    }

    private static (int Eax, int Ebx, int Ecx, int Edx) Leaf(int leaf) =>
        X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= leaf ? X86Base.CpuId(leaf, 0) : default;

    private static bool Bit(int register, int bit) => (register >> bit & 1) != 0;

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern nint SystemCall(nint number, nint code, nint feature);
}
