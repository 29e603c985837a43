using ILGPU;
using ILGPU.Runtime;

namespace KernelGen.Gpu.Tests;

/// <summary>A step on fragments gives the product of the matrices that the PTX ISA spreads over a warp so.</summary>
public sealed class FragmentTests
{
    private const int Rows = 16,
        Columns = 16,
        Vectors = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_warp_multiplies_16_by_16_with_8_vectors(int seed)
    {
        float[] a = Subjects.Normal(Rows * Columns, seed),
            b = Subjects.Normal(Vectors * Columns, seed + 10);
        GpuDevice device = Subjects.Device;
        using var left = GpuBuffer<uint>.Of(device, "A", Halves(a));
        using var right = GpuBuffer<uint>.Of(device, "B", Halves(b));
        using var sums = new GpuBuffer<float>(device, "C", Rows * Vectors);
        bool cuda = device.Accelerator.AcceleratorType == AcceleratorType.Cuda;
        Action<AcceleratorStream, KernelConfig, ArrayView<uint>, ArrayView<uint>, ArrayView<float>> multiply =
            device.Accelerator.LoadKernel<ArrayView<uint>, ArrayView<uint>, ArrayView<float>>(
                cuda ? Kernel.Multiply<PtxMath> : Kernel.Multiply<PlainMath>
            );
        multiply(device.Accelerator.DefaultStream, (1, 32), left.View, right.View, sums.View);
        float[] actual = new float[Rows * Vectors];
        sums.Download(device.Accelerator.DefaultStream, actual);
        for (int row = 0; row < Rows; row++)
        {
            for (int vector = 0; vector < Vectors; vector++)
            {
                double expected = 0,
                    magnitude = 0;
                for (int k = 0; k < Columns; k++)
                {
                    double product = (double)(float)(System.Half)a[row * Columns + k] * (float)(System.Half)b[vector * Columns + k];
                    expected += product;
                    magnitude += Math.Abs(product);
                }
                Assert.Equal(expected, actual[row * Vectors + vector], 1e-6 * magnitude);
            }
        }
    }

    /// <summary>Two neighbouring columns a word.</summary>
    private static ushort[] Halves(float[] values) => [.. values.Select(value => BitConverter.HalfToUInt16Bits((System.Half)value))];

    internal static class Kernel
    {
        /// <summary>Loads and stores by the tables of the PTX ISA for mma.m16n8k16.</summary>
        public static void Multiply<TMath>(ArrayView<uint> a, ArrayView<uint> b, ArrayView<float> c)
            where TMath : struct, IGpuMath
        {
            int group = Group.IdxX / 4,
                thread = Group.IdxX % 4;
            U4 left = U4.Of(a[group * 8 + thread], a[(group + 8) * 8 + thread], a[group * 8 + thread + 4], a[(group + 8) * 8 + thread + 4]);
            F4 sums = TMath.Multiply(left, U2.Of(b[group * 8 + thread], b[group * 8 + thread + 4]));
            c[group * Vectors + 2 * thread] = sums.X;
            c[group * Vectors + 2 * thread + 1] = sums.Y;
            c[(group + 8) * Vectors + 2 * thread] = sums.Z;
            c[(group + 8) * Vectors + 2 * thread + 1] = sums.W;
        }
    }
}
