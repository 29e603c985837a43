using System.Runtime.Intrinsics;

namespace KernelGen.Formats.Tests.Laws;

/// <summary>Runs of the suite with instruction sets switched off say which width they expect, and fail if the set is still on.</summary>
public class VectorWidth
{
    [Fact]
    public void The_widest_vectors_are_those_that_the_run_expects()
    {
        int widest =
            Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : Vector128.IsHardwareAccelerated ? 128
            : 0;
        string? expected = Environment.GetEnvironmentVariable("KERNELGEN_EXPECT_VECTOR_BITS");
        Assert.True(
            expected is null || int.Parse(expected) >= widest,
            $"this run expects at most {expected}-bit vectors, the machine still offers {widest}"
        );
    }
}
