using KernelGen.Kernels.Products;
using KernelGen.Kernels.Products.MachineCode;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // which engine multiplies is one setting of the process

namespace KernelGen.MachineCode.Tests;

/// <summary>Products of a matrix by an engine of choice, and matrices to multiply.</summary>
internal static class Engines
{
    /// <summary>Names of all formats.</summary>
    public static TheoryData<string> Formats => [.. All.All.Select(format => format.Info.Name)];

    private static FormatCatalog All { get; } =
        KernelGen.Formats.DeclaredFormats.Catalog.With(KernelGen.Formats.Corners.DeclaredFormats.Catalog);

    /// <summary>The engine without machine code.</summary>
    public static MachineKernels Managed { get; } = MachineKernels.Start("managed");

    /// <summary>Whether a format takes milliseconds to pack a block.</summary>
    public static bool IsSlow(string format) => All[format].Info.CandidatesPerWeight > 1000;

    /// <summary>A repacked matrix, or null if the format has no integer products.</summary>
    public static ProductMatrix? Repack(string name, int rows, int columns, int seed = 1)
    {
        CompressedFormat format = All[name];
        byte[] packed = new byte[format.Info.PackedBytes(rows, columns)];
        format.Pack(Numbers(rows * columns, seed), rows, columns, packed);
        return format.Repack(packed, rows, columns) is { HasIntegers: true } matrix ? matrix : null;
    }

    /// <summary>Products by an engine.</summary>
    public static float[] Multiply(MachineKernels kernels, ProductMatrix matrix, float[] x, int batch, MatVecPrecision precision)
    {
        MachineKernels before = MachineKernels.Current;
        MachineKernels.Current = kernels;
        try
        {
            float[] y = new float[batch * matrix.Rows];
            matrix.MatMul(x, batch, y, precision, Parallelism.Single);
            Interpreted.Check();
            return y;
        }
        finally
        {
            MachineKernels.Current = before;
        }
    }

    public static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => (random.NextSingle() + random.NextSingle() - 1) * (i % 97 == 5 ? 50f : 1f))];
    }
}
