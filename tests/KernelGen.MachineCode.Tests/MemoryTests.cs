using System.Globalization;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.MachineCode.Tests;

/// <summary>The pages of code.</summary>
public class MemoryTests
{
    [Fact]
    public void Code_is_executable_and_not_writable()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Equal("machine code is for Linux", CpuFeatures.NoMachineCode);
            return;
        }
        Assert.Null(ExecutableMemory.Load(KernelShape.All.Count, KernelCode.Of, out nint[] entries));
        foreach (nint entry in entries)
        {
            Assert.Equal(0, entry % 64);
            Assert.Equal("r-xp", ProtectionOf(entry));
        }
    }

    [Fact]
    public void Memory_that_the_system_refuses_is_a_reason()
    {
        if (OperatingSystem.IsLinux())
        {
            Assert.StartsWith(
                "the system gives no memory for 0 bytes of code: ",
                ExecutableMemory.Load(0, KernelCode.Of, out _),
                StringComparison.Ordinal
            );
        }
    }

    private static string ProtectionOf(nint address)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] words = line.Split(' ');
            nint[] range =
            [
                .. words[0].Split('-').Select(bound => nint.Parse(bound, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
            ];
            if (address >= range[0] && address < range[1])
            {
                return words[1];
            }
        }
        return "not mapped";
    }
}
