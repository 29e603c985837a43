using KernelGen.Kernels.Products;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.MachineCode.Tests;

/// <summary>All engines give the same bits for every format.</summary>
public class EngineTests
{
    public static TheoryData<string> Formats => Engines.Formats;

    [Theory]
    [MemberData(nameof(Formats))]
    public void Interpreted_engines_give_the_bits_of_managed_code(string format)
    {
        (int Rows, int Columns)[] shapes = Engines.IsSlow(format) ? [(3, 40)] : [(3, 7), (17, 96), (33, 300)];
        Check(format, shapes, [1, 3, 9, 18], [Interpreted.Kernels(CpuEngine.Vnni), Interpreted.Kernels(CpuEngine.Amx)]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Native_engines_give_the_bits_of_managed_code(string format)
    {
        MachineKernels native = MachineKernels.Start("vnni"),
            best = MachineKernels.Start("amx");
        if (!native.HasCode)
        {
            Assert.NotNull(native.Refusal);
            return;
        }
        (int Rows, int Columns)[] shapes = Engines.IsSlow(format) ? [(3, 40)] : [(1, 1), (5, 64), (17, 33), (64, 517), (300, 1000)];
        Check(format, shapes, [1, 2, 4, 7, 8, 12, 16, 35], best.Best == CpuEngine.Amx ? [native, best] : [native]);
    }

    /// <summary>Columns in more than one part, a part of a scale at the end, and weights that are asked for ahead.</summary>
    [Theory]
    [InlineData("q4_0")]
    [InlineData("q8_0")]
    [InlineData("q6_k")]
    [InlineData("q4_k")]
    [InlineData("int4-g128")]
    public void Long_rows_give_the_bits_of_managed_code(string format)
    {
        Check(format, [(16, 2112), (20, 4224)], [16], [Interpreted.Kernels(CpuEngine.Amx)]);
        MachineKernels native = MachineKernels.Start("vnni");
        if (native.HasCode)
        {
            Check(format, [(1600, 4096)], [1, 9], [native]);
        }
    }

    private static void Check(string format, (int Rows, int Columns)[] shapes, int[] batches, MachineKernels[] engines)
    {
        foreach ((int rows, int columns) in shapes)
        {
            if (Engines.Repack(format, rows, columns) is not { } matrix)
            {
                return;
            }
            foreach (int batch in batches)
            {
                float[] x = Engines.Numbers(batch * columns, batch);
                foreach (MatVecPrecision precision in new[] { MatVecPrecision.Int8, MatVecPrecision.Int8TwoDigits })
                {
                    float[] expected = Engines.Multiply(Engines.Managed, matrix, x, batch, precision);
                    foreach (MachineKernels engine in engines)
                    {
                        Assert.Equal(expected, Engines.Multiply(engine, matrix, x, batch, precision));
                    }
                }
            }
        }
    }
}
