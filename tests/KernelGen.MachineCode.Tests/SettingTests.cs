using KernelGen.Kernels.Products;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.MachineCode.Tests;

/// <summary>KERNELGEN_CPU forces an engine, or it is said why that cannot be.</summary>
public class SettingTests
{
    [Theory]
    [InlineData("sse9")]
    [InlineData("best")]
    [InlineData("2")]
    public void Unknown_engines_are_refused_with_the_known_ones(string setting) =>
        Assert.Equal($"KERNELGEN_CPU={setting}: expected one of managed, avx512, vnni, amx.", MachineKernels.Start(setting).Refusal);

    [Fact]
    public void Managed_code_is_always_there()
    {
        MachineKernels kernels = MachineKernels.Start("managed");
        Assert.Null(kernels.Refusal);
        Assert.False(kernels.HasCode);
        Assert.Equal("KERNELGEN_CPU=managed", kernels.Missing);
    }

    [Theory]
    [InlineData("avx512")]
    [InlineData("vnni")]
    [InlineData("AMX")]
    public void An_engine_is_forced_or_its_lack_named(string setting)
    {
        CpuEngine engine = Enum.Parse<CpuEngine>(setting, ignoreCase: true);
        MachineKernels kernels = MachineKernels.Start(setting);
        if (kernels.Best >= engine)
        {
            Assert.Equal((engine, null), (kernels.Best, kernels.Refusal));
        }
        else
        {
            Assert.StartsWith(
                $"KERNELGEN_CPU={setting.ToLowerInvariant()}: not on this machine, ",
                kernels.Refusal,
                StringComparison.Ordinal
            );
            Assert.NotNull(kernels.Missing);
        }
    }

    [Fact]
    public void Products_are_refused_rather_than_computed_otherwise()
    {
        ProductMatrix matrix = Engines.Repack("q4_0", 4, 64)!;
        Assert.Contains(
            "expected one of managed, avx512, vnni, amx",
            Assert
                .Throws<NotSupportedException>(() =>
                    Engines.Multiply(MachineKernels.Start("neon"), matrix, new float[64], 1, MatVecPrecision.Int8)
                )
                .Message,
            StringComparison.Ordinal
        );
    }
}
